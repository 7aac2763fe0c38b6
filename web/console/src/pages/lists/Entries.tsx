// What stands on a list, in the order of the values as they are kept; one value is looked for.

import type { Schemas } from "@anfu/api";
import { Button, Form, Input, Tag, Typography } from "antd";
import { useState } from "react";
import { api, client, got } from "../../app/client";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { TextFilter, useFilters } from "../../parts/filters";
import { Id } from "../../parts/Id";
import { type Column, ListTable } from "../../parts/ListTable";
import { Moment } from "../../parts/Moment";
import { useResult } from "./result";

type Entry = Schemas["anfu.entrypoints.api.lists_forms.EntryDocument"] & { id: string };

const NAMES = ["value"] as const;
const words = {
  find: { en: "Look for a value, as it is written", zh: "查找（按原值输入）" },
  empty: { en: "Nothing stands on it, or not this value.", zh: "名单为空，或未包含此值。" },
  value: { en: "Value as it is kept", zh: "存储值" },
  reason: { en: "Why", zh: "理由" },
  source: { en: "Source", zh: "来源" },
  expires: { en: "Until", zh: "有效期至" },
  ever: { en: "taken off", zh: "直至移除" },
  expired: { en: "over", zh: "已过期" },
  at: { en: "Put on", zh: "加入时间" },
  by: { en: "By", zh: "操作人" },
  off: { en: "Take off", zh: "移除" },
  offTitle: { en: "Take a value off the list", zh: "从名单移除" },
  hashed: { en: "The list keeps hashes. Give the value itself.", zh: "名单仅存哈希，请输入原值。" },
  raw: { en: "Value", zh: "值" },
  needed: { en: "Please fill this in", zh: "请填写" },
};

export function Entries({ list }: { list: Schemas["ListDocument"] }) {
  const t = useWords(words);
  const may = useMay();
  const filters = useFilters(NAMES);
  const [off, setOff] = useState<Entry | null>(null);
  const params = { path: { list: list.name } };
  const columns: Column<Entry>[] = [
    { key: "value", title: t.value, text: ({ value }) => value, render: ({ value }) => <Typography.Text className="mono" copyable={{ tooltips: false }}>{value}</Typography.Text> },
    { key: "reason", title: t.reason, render: ({ reason }) => reason },
    { key: "source", title: t.source, render: ({ source }) => source },
    {
      key: "expires",
      title: t.expires,
      text: ({ expires_at }) => expires_at,
      render: ({ expires_at, expired }) => (expires_at === null ? t.ever : <><Moment at={expires_at} /> {expired && <Tag>{t.expired}</Tag>}</>),
    },
    { key: "at", title: t.at, text: ({ added_at }) => added_at, render: ({ added_at }) => <Moment at={added_at} /> },
    { key: "by", title: t.by, text: ({ added_by }) => added_by, render: ({ added_by }) => <Id id={added_by} /> },
    {
      key: "acts",
      title: "",
      text: () => null,
      render: (entry) => may("lists:write") && <Button size="small" onClick={() => setOff(entry)}>{t.off}</Button>,
    },
  ];
  return (
    <>
      <ListTable
        name={["/v1/lists/{list}/entries", list.name, filters.values]}
        read={async (at) => {
          const query = { ...at, value: filters.values.value };
          const page = await got(client.GET("/v1/lists/{list}/entries", { params: { ...params, query } }));
          return { ...page, data: page.data.map((entry) => ({ ...entry, id: entry.value })) };
        }}
        columns={columns}
        filters={<TextFilter filters={filters} name="value" label={t.find} />}
        empty={t.empty}
        file={`list-${list.name}`}
      />
      <TakeOff list={list} entry={off} onClose={() => setOff(null)} />
    </>
  );
}

interface TakeOffProps {
  list: Schemas["ListDocument"];
  entry: Entry | null;
  onClose: () => void;
}

function TakeOff({ list, entry, onClose }: TakeOffProps) {
  const t = useWords(words);
  const result = useResult();
  const { run, busy } = useAct(api.useMutation("post", "/v1/lists/{list}/entries/remove"));
  const hashed = list.form === "HASHED";
  const give = ({ value, why }: { value: string; why: string }) =>
    run({ params: { path: { list: list.name } }, body: { values: [value], why } }, (change) => { onClose(); result(change); });
  return (
    <Ask<{ value: string; why: string }> title={t.offTitle} open={entry !== null} busy={busy} onGive={give} onClose={onClose} first={{ value: hashed ? "" : entry?.value }} danger>
      <Form.Item name="value" label={t.raw} extra={hashed ? t.hashed : undefined} rules={[{ required: true, message: t.needed }]}>
        <Input className="mono" readOnly={!hashed} maxLength={128} />
      </Form.Item>
      <Form.Item name="why" label={t.reason} rules={[{ required: true, whitespace: true, message: t.needed }]}>
        <Input autoFocus maxLength={200} />
      </Form.Item>
    </Ask>
  );
}
