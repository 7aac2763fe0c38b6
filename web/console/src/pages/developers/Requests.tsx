// What was asked of the API, by whom, and how it was answered.

import type { Schemas } from "@anfu/api";
import { Alert, Switch, Tag } from "antd";
import { useState } from "react";
import { client, got } from "../../app/client";
import { useWords } from "../../app/words";
import { idColumn, momentColumn, textColumn } from "../../parts/columns";
import { TextFilter, useFilters } from "../../parts/filters";
import { type Column, ListTable } from "../../parts/ListTable";
import { PageHead } from "../../parts/PageHead";

type Asked = Schemas["RequestDocument"];

const NAMES = ["caller", "operation", "status", "failed"] as const;
const words = {
  title: { en: "Request log", zh: "请求日志" },
  about: {
    en: "Every answer bears its id in Anfu-Request-Id. Neither bodies nor queries are kept.",
    zh: "每个应答的 Anfu-Request-Id 即其编号；不保留请求正文与查询参数。",
  },
  unlogged: {
    en: (count: number) => `${count} more requests there was no room for: a hundred that went well and a hundred that failed are kept each second.`,
    zh: (count: number) => `另有 ${count} 个请求未留存：每秒最多留存成功与失败各一百个。`,
  },
  at: { en: "At", zh: "时间" },
  request: { en: "Request", zh: "请求" },
  operation: { en: "Operation", zh: "操作" },
  status: { en: "Status", zh: "状态码" },
  code: { en: "Refusal", zh: "拒绝代码" },
  spent: { en: "ms", zh: "耗时（毫秒）" },
  caller: { en: "Key or session", zh: "密钥或会话" },
  person: { en: "Person", zh: "责任人" },
  address: { en: "From", zh: "来源地址" },
  once: { en: "Idempotency key", zh: "幂等键" },
  id: { en: "Id", zh: "编号" },
  failed: { en: "Failed only", zh: "仅看失败" },
};

export default function Requests() {
  const t = useWords(words);
  const filters = useFilters(NAMES);
  const [unlogged, setUnlogged] = useState(0);
  const { status, failed, ...named } = filters.values;
  const asked = {
    ...named,
    ...(/^[1-5]\d\d$/.test(status ?? "") ? { status: Number(status) } : {}),
    ...(failed ? { failed: true } : {}),
  };
  const columns: Column<Asked>[] = [
    momentColumn("at", t.at, ({ at }) => at),
    { key: "status", title: t.status, text: (row) => row.status, render: (row) => <Status {...row} /> },
    {
      key: "request",
      title: t.request,
      text: ({ method, path }) => `${method} ${path}`,
      render: ({ method, path }) => (
        <span className="mono">
          {method} {path}
        </span>
      ),
    },
    textColumn("code", t.code, ({ code }) => code),
    { ...textColumn<Asked>("spent", t.spent, ({ duration_us }) => (duration_us / 1_000).toFixed(1)), align: "end", className: "number" },
    idColumn("caller", t.caller, ({ caller }) => caller),
    idColumn("person", t.person, ({ person }) => person),
    textColumn("address", t.address, ({ address }) => address),
    textColumn("operation", t.operation, ({ operation }) => operation),
    idColumn("once", t.once, ({ idempotency_key }) => idempotency_key),
    idColumn("id", t.id, ({ id }) => id),
  ];
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      {unlogged > 0 && <Alert type="warning" showIcon title={t.unlogged(unlogged)} style={{ marginBottom: 12 }} />}
      <ListTable
        name={["/v1/requests", filters.values]}
        read={async (at) => {
          const page = await got(client.GET("/v1/requests", { params: { query: { ...at, ...asked } } }));
          setUnlogged(page.unlogged);
          return page;
        }}
        columns={columns}
        filters={
          <>
            <TextFilter filters={filters} name="operation" label={t.operation} />
            <TextFilter filters={filters} name="caller" label={t.caller} />
            <TextFilter filters={filters} name="status" label={t.status} />
            <label>
              <Switch checked={failed === "1"} onChange={(on) => filters.set("failed", on ? "1" : undefined)} /> {t.failed}
            </label>
          </>
        }
        file="requests"
      />
    </>
  );
}

function Status({ status }: { status: number }) {
  return <Tag color={status >= 500 ? "error" : status >= 400 ? "warning" : "success"}>{status}</Tag>;
}
