// The rule set in force with its policy, and all that were.

import type { Schemas } from "@anfu/api";
import { Card, Tag } from "antd";
import { Link } from "react-router";
import { client, got } from "../../../app/client";
import { useMay } from "../../../app/session";
import { useWords } from "../../../app/words";
import { Id } from "../../../parts/Id";
import { type Column, ListTable } from "../../../parts/ListTable";
import { Moment } from "../../../parts/Moment";
import { PageHead } from "../../../parts/PageHead";
import { api } from "../../../app/client";
import { Policy } from "./Policy";
import { RestoreSet } from "./RestoreSet";

const words = {
  title: { en: "Rule sets and policy", zh: "规则集与策略" },
  about: {
    en: "Decisions are made by one rule set. Each that came into force is kept for ever, with who wanted and who approved it.",
    zh: "决策以唯一的在用规则集作出；历次生效的规则集永久保留，并记录提议人与批准人。",
  },
  history: { en: "What came into force", zh: "生效历史" },
  step: { en: "Step", zh: "序号" },
  set: { en: "Rule set", zh: "规则集" },
  inForce: { en: "in force", zh: "在用" },
  at: { en: "Since", zh: "生效时间" },
  why: { en: "Why", zh: "理由" },
  shipped: { en: "Came with Anfu", zh: "随系统发布" },
  by: { en: "Wanted by", zh: "提议人" },
  approved: { en: "Approved by", zh: "批准人" },
  compare: { en: "Against what is in force", zh: "与在用对比" },
  proposal: { en: "Proposal", zh: "提案" },
};

type Step = Schemas["anfu.entrypoints.api.rule_documents.StepDocument"] & { id: string };

export default function Sets() {
  const t = useWords(words);
  const may = useMay();
  const { data: now } = api.useQuery("get", "/v1/rule_sets/in_force", {});
  const columns: Column<Step>[] = [
    { key: "step", title: t.step, align: "right", render: ({ step }) => step },
    {
      key: "set",
      title: t.set,
      text: ({ rule_set }) => rule_set,
      render: ({ rule_set }) => (
        <>
          <span className="mono">{rule_set}</span> {rule_set === now?.version && <Tag color="success">{t.inForce}</Tag>}
        </>
      ),
    },
    { key: "at", title: t.at, text: ({ created_at }) => created_at, render: ({ created_at }) => <Moment at={created_at} /> },
    { key: "why", title: t.why, text: ({ why }) => why, render: ({ why }) => <div style={{ maxWidth: 320 }}>{why ?? t.shipped}</div> },
    { key: "by", title: t.by, text: ({ author }) => author, render: ({ author }) => <Id id={author} /> },
    { key: "approved", title: t.approved, text: ({ approved_by }) => approved_by, render: ({ approved_by }) => <Id id={approved_by} /> },
    {
      key: "proposal",
      title: t.proposal,
      text: ({ proposal }) => proposal,
      render: ({ proposal }) => (proposal !== null && may("proposals:read") ? <Link to={`/proposals/${proposal}`} className="mono">{`…${proposal.slice(-7)}`}</Link> : <Id id={proposal} />),
    },
    {
      key: "acts",
      title: "",
      text: () => null,
      render: ({ rule_set }) =>
        now !== undefined && rule_set !== now.version && (
          <>
            <Link to={`/rule-sets/${rule_set}/${now.version}`}>{t.compare}</Link> <RestoreSet version={rule_set} />
          </>
        ),
    },
  ];
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      {now !== undefined && <Policy now={now} />}
      <Card size="small" title={t.history} style={{ marginTop: 16 }}>
        <ListTable
          name={["/v1/rule_sets"]}
          read={async (query) => {
            const page = await got(client.GET("/v1/rule_sets", { params: { query } }));
            return { ...page, data: page.data.map((step) => ({ ...step, id: String(step.step) })) };
          }}
          columns={columns}
          file="rule-sets"
        />
      </Card>
    </>
  );
}
