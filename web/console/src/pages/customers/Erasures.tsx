// Wishes to be forgotten: asked by one person, decided by another, with what the law keeps and how long.

import type { Schemas } from "@anfu/api";
import { Button, Flex, Form, Input, Popconfirm, Tag, Tooltip } from "antd";
import { useState } from "react";
import { api, client, got } from "../../app/client";
import { useSession } from "../../app/session";
import { useSay, useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { idColumn, momentColumn, stateColumn, textColumn } from "../../parts/columns";
import { type Column, ListTable } from "../../parts/ListTable";
import { PageHead } from "../../parts/PageHead";
import { ERASURE } from "./names";

type Erasure = Schemas["ErasureDocument"];

const words = {
  title: { en: "Wishes to be forgotten", zh: "个人信息删除申请" },
  about: {
    en: "Nobody decides on what he asked for himself. What the law keeps is stored apart and goes by itself on its day.",
    zh: "申请人不得自行批准；依法留存的信息单独封存，到期自动删除。",
  },
  empty: { en: "Nobody has asked to be forgotten. It is asked for on a customer's page.", zh: "暂无申请。可在客户页面发起。" },
  customer: { en: "Customer", zh: "客户" },
  state: { en: "State", zh: "状态" },
  reason: { en: "Reason", zh: "申请依据" },
  answer: { en: "Answer", zh: "答复" },
  kept: { en: "Kept by law", zh: "依法留存" },
  until: { en: "Until", zh: "留存至" },
  by: { en: "Asked by", zh: "申请人" },
  at: { en: "Asked", zh: "申请时间" },
  decided: { en: "Decided by", zh: "决定人" },
  approve: { en: "Approve", zh: "批准" },
  decline: { en: "Decline", zh: "驳回" },
  sure: { en: "The account is closed and cannot be opened again.", zh: "账户将被注销且不可恢复。" },
  needed: { en: "Please fill this in", zh: "请填写" },
};

export default function Erasures() {
  const t = useWords(words);
  const say = useSay();
  const columns: Column<Erasure>[] = [
    idColumn("customer", t.customer, ({ customer }) => customer),
    stateColumn("state", t.state, ({ state }) => state, ERASURE),
    textColumn("reason", t.reason, ({ reason }) => reason),
    {
      key: "kept",
      title: t.kept,
      text: ({ kept }) => kept.map(({ law, until }) => `${law} ${until}`).join("; "),
      render: ({ kept }) => (
        <Flex wrap gap={4} style={{ maxWidth: 320 }}>
          {kept.map(({ what, title, law, until }) => (
            <Tooltip key={what} title={`${law} · ${until}`}>
              <Tag>{say(title.en, title.zh)}</Tag>
            </Tooltip>
          ))}
        </Flex>
      ),
    },
    textColumn("until", t.until, ({ keep_until }) => keep_until),
    momentColumn("at", t.at, ({ created_at }) => created_at),
    idColumn("by", t.by, ({ requested_by }) => requested_by),
    idColumn("decided", t.decided, ({ decided_by }) => decided_by),
    textColumn("answer", t.answer, ({ answer }) => answer),
    { key: "act", title: "", text: () => null, render: (erasure) => <Decide erasure={erasure} /> },
  ];
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <ListTable
        name={["/v1/erasures"]}
        read={(query) => got(client.GET("/v1/erasures", { params: { query } }))}
        columns={columns}
        empty={t.empty}
        file="erasures"
      />
    </>
  );
}

function Decide({ erasure }: { erasure: Erasure }) {
  const t = useWords(words);
  const me = useSession().staff.id;
  const [open, setOpen] = useState(false);
  const approve = useAct(api.useMutation("post", "/v1/erasures/{erasure}/approve"));
  const decline = useAct(api.useMutation("post", "/v1/erasures/{erasure}/decline"));
  const params = { path: { erasure: erasure.id } };
  if (erasure.state !== "REQUESTED" || erasure.requested_by === me) return null;
  return (
    <Flex gap={6}>
      <Popconfirm title={t.sure} onConfirm={() => approve.run({ params })}>
        <Button size="small" type="primary" danger loading={approve.busy}>
          {t.approve}
        </Button>
      </Popconfirm>
      <Button size="small" onClick={() => setOpen(true)}>
        {t.decline}
      </Button>
      <Ask<{ reason: string }>
        title={t.decline}
        open={open}
        busy={decline.busy}
        onClose={() => setOpen(false)}
        onGive={(body) => decline.run({ params, body }, () => setOpen(false))}
      >
        <Form.Item name="reason" label={t.answer} rules={[{ required: true, whitespace: true, message: t.needed }]}>
          <Input maxLength={200} />
        </Form.Item>
      </Ask>
    </Flex>
  );
}
