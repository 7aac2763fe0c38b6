// The lists there are: what each holds, and what a hit does.

import type { Schemas } from "@anfu/api";
import { PlusOutlined } from "@ant-design/icons";
import { Button, Flex, Tag } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useMay } from "../../app/session";
import { useSay, useWords } from "../../app/words";
import { type Column, ListTable } from "../../parts/ListTable";
import { PageHead } from "../../parts/PageHead";
import { GRADE, StateTag } from "../../parts/StateTag";
import { Declare } from "./Declare";
import { FORM, KIND } from "./names";

type List = Schemas["ListDocument"] & { id: string };

const words = {
  title: { en: "Lists", zh: "名单" },
  about: {
    en: "A hit on a black or grey list is a rule; a white list keeps rules from firing. Who may change how much alone is policy.",
    zh: "黑、灰名单命中即触发规则；白名单可使指定规则不触发。单人可变更的数量由策略限定。",
  },
  empty: { en: "No list is declared. Propose one.", zh: "尚无名单，可提议新建。" },
  propose: { en: "Propose a list", zh: "提议新名单" },
  name: { en: "List", zh: "名单" },
  kind: { en: "Kind", zh: "类别" },
  inputs: { en: "Matched with", zh: "匹配字段" },
  form: { en: "How", zh: "匹配方式" },
  entries: { en: "Entries", zh: "条目数" },
  hit: { en: "A hit gives", zh: "命中后果" },
  source: { en: "Source", zh: "来源" },
  owner: { en: "Owner", zh: "负责方" },
};

export default function Lists() {
  const t = useWords(words);
  const say = useSay();
  const may = useMay();
  const { language } = usePreferences();
  const [open, setOpen] = useState(false);
  const columns: Column<List>[] = [
    {
      key: "name",
      title: t.name,
      text: ({ name }) => name,
      render: ({ name, en, zh }) => (
        <>
          <Link to={`/lists/${name}`} className="mono">{name}</Link>
          <br />
          <small>{say(en, zh)}</small>
        </>
      ),
    },
    { key: "kind", title: t.kind, text: ({ kind }) => kind, render: ({ kind }) => <StateTag state={kind} states={KIND} /> },
    { key: "inputs", title: t.inputs, text: ({ inputs }) => inputs.join(" "), render: ({ inputs }) => <Flex gap={4}>{inputs.map((input) => <Tag key={input}>{input}</Tag>)}</Flex> },
    { key: "form", title: t.form, text: ({ form }) => form, render: ({ form }) => FORM[form][language] },
    { key: "entries", title: t.entries, align: "right", text: ({ entries }) => entries, render: ({ entries }) => entries.toLocaleString("en") },
    {
      key: "hit",
      title: t.hit,
      text: ({ grade, points }) => `${grade} ${points}`,
      render: ({ kind, grade, points }) => (kind === "WHITE" ? "—" : <><StateTag state={grade} states={GRADE} /> +{points}</>),
    },
    { key: "source", title: t.source, render: ({ source }) => <div style={{ maxWidth: 260 }}>{source}</div> },
    { key: "owner", title: t.owner, render: ({ owner }) => owner },
  ];
  return (
    <>
      <PageHead
        title={t.title}
        about={t.about}
        actions={
          may("lists:write") && (
            <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen(true)}>
              {t.propose}
            </Button>
          )
        }
      />
      <ListTable
        name={["/v1/lists"]}
        read={async () => {
          const page = await got(client.GET("/v1/lists"));
          return { ...page, data: page.data.map((list) => ({ ...list, id: list.name })) };
        }}
        columns={columns}
        to={({ name }) => `/lists/${name}`}
        empty={t.empty}
        file="lists"
      />
      <Declare open={open} onClose={() => setOpen(false)} />
    </>
  );
}
