// Who did what: read from the evidence, each line with the leaf that proves it.

import type { Schemas } from "@anfu/api";
import { SafetyCertificateOutlined } from "@ant-design/icons";
import { Button, Tooltip, Typography } from "antd";
import { useState } from "react";
import { client, got } from "../../app/client";
import { useMay } from "../../app/session";
import { useSay, useWords } from "../../app/words";
import { idColumn, momentColumn, textColumn, useOptions } from "../../parts/columns";
import { Choice, TextFilter, useFilters } from "../../parts/filters";
import { Id } from "../../parts/Id";
import { type Column, ListTable } from "../../parts/ListTable";
import { PageHead } from "../../parts/PageHead";
import { Proof } from "../payments/Proof";
import { KINDS } from "./names";

type Act = Schemas["anfu.entrypoints.api.audit.ActDocument"] & { id: string };
type Query = { kind?: "proposal"; person?: string; subject?: string };

const NAMES = ["kind", "person", "subject"] as const;
const words = {
  title: { en: "Who did what", zh: "操作审计" },
  about: {
    en: "Every line is a leaf of the evidence, which nobody can change; its proof is checked in this browser.",
    zh: "每一行均为不可篡改的存证记录，可在本浏览器中验证其证明。",
  },
  at: { en: "At", zh: "时间" },
  kind: { en: "Kind", zh: "类型" },
  what: { en: "What", zh: "事项" },
  act: { en: "Act", zh: "动作" },
  person: { en: "Person", zh: "操作人" },
  subject: { en: "Object", zh: "对象" },
  index: { en: "Leaf", zh: "存证序号" },
  data: { en: "Content", zh: "内容" },
  verify: { en: "Verify", zh: "验证" },
  later: { en: "Under no checkpoint yet: a few seconds", zh: "尚未纳入检查点，请稍候数秒" },
};

export default function Audit() {
  const t = useWords(words);
  const say = useSay();
  const may = useMay();
  const filters = useFilters(NAMES);
  const kinds = useOptions(KINDS);
  const [proven, prove] = useState<string | null>(null);
  const asked = filters.values as Query;
  const columns: Column<Act>[] = [
    momentColumn("at", t.at, ({ at }) => at),
    textColumn("what", t.what, ({ title }) => say(title.en, title.zh)),
    textColumn("act", t.act, ({ act }) => act?.slice(0, 24)),
    {
      key: "person",
      title: t.person,
      text: ({ login, person }) => login ?? person,
      render: ({ login, person }) => (login === null ? <Id id={person} /> : <span title={person}>{login}</span>),
    },
    idColumn("subject", t.subject, ({ subject }) => subject),
    { key: "data", title: t.data, text: ({ data }) => JSON.stringify(data), render: ({ data }) => <Content data={data} /> },
    { key: "index", title: t.index, align: "end", className: "number", render: ({ index }) => index },
    {
      key: "verify",
      title: "",
      text: () => null,
      render: ({ sealed, subject }) =>
        may("evidence:read") && (
          <Tooltip title={sealed ? undefined : t.later}>
            <Button size="small" icon={<SafetyCertificateOutlined />} disabled={!sealed} onClick={() => prove(subject)}>
              {t.verify}
            </Button>
          </Tooltip>
        ),
    },
  ];
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <ListTable
        name={["/v1/audit", filters.values]}
        read={async ({ after, limit }) => {
          const query = { limit, ...asked, ...(after === undefined ? {} : { after: Number(after) }) };
          const { data, more } = await got(client.GET("/v1/audit", { params: { query } }));
          return { data: data.map((act) => ({ ...act, id: String(act.index) })), more };
        }}
        columns={columns}
        filters={
          <>
            <Choice filters={filters} name="kind" label={t.kind} options={kinds} />
            <TextFilter filters={filters} name="person" label={t.person} />
            <TextFilter filters={filters} name="subject" label={t.subject} />
          </>
        }
        file="audit"
      />
      {proven !== null && <Proof subject={proven} onClose={() => prove(null)} />}
    </>
  );
}

/** What the leaf says, on one line; the whole of it on hover or focus. */
function Content({ data }: { data: Record<string, unknown> }) {
  return (
    <Tooltip title={<pre style={{ margin: 0, whiteSpace: "pre-wrap" }}>{JSON.stringify(data, null, 1)}</pre>} styles={{ root: { maxWidth: 560 } }}>
      <Typography.Text className="mono" ellipsis style={{ maxWidth: 280 }} tabIndex={0}>
        {JSON.stringify(data)}
      </Typography.Text>
    </Tooltip>
  );
}
