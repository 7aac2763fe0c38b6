// Changes that one person proposed and another decides on.

import type { Schemas } from "@anfu/api";
import { Tag } from "antd";
import { Link } from "react-router";
import { client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useSession } from "../../app/session";
import { useWords } from "../../app/words";
import { Choice, useFilters } from "../../parts/filters";
import { Id } from "../../parts/Id";
import { type Column, ListTable } from "../../parts/ListTable";
import { Ago, Moment } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";
import { StateTag } from "../../parts/StateTag";
import { STATE, SUBJECT } from "./names";

type Proposal = Schemas["ProposalDocument"];

const NAMES = ["state"] as const;
const words = {
  title: { en: "Proposals", zh: "提案" },
  about: {
    en: "Rules, policies, lists and models change when a second person has read the papers and agreed.",
    zh: "规则、策略、名单与模型的变更，须由第二人阅读附件并批准后生效。",
  },
  empty: { en: "Nothing waits here. Proposals are made on the pages of rules, lists and models.", zh: "暂无提案。提案在规则、名单与模型页面发起。" },
  what: { en: "What changes", zh: "变更对象" },
  why: { en: "Why", zh: "理由" },
  author: { en: "Proposed by", zh: "提议人" },
  you: { en: "you", zh: "本人" },
  at: { en: "Proposed", zh: "提议时间" },
  state: { en: "State", zh: "状态" },
  decided: { en: "Decided by", zh: "决定人" },
};

export default function Proposals() {
  const t = useWords(words);
  const { language } = usePreferences();
  const me = useSession().staff.id;
  const filters = useFilters(NAMES);
  const columns: Column<Proposal>[] = [
    {
      key: "what",
      title: t.what,
      text: ({ subject, target }) => `${subject} ${target}`,
      render: ({ id, subject, target }) => (
        <>
          <Tag>{SUBJECT[subject]?.[language] ?? subject}</Tag>{" "}
          <Link to={`/proposals/${id}`} className="mono">
            {target}
          </Link>
        </>
      ),
    },
    { key: "why", title: t.why, text: whyOf, render: (proposal) => <div style={{ maxWidth: 360 }}>{whyOf(proposal)}</div> },
    {
      key: "author",
      title: t.author,
      text: ({ author }) => author,
      render: ({ author }) => (author === me ? <Tag>{t.you}</Tag> : <Id id={author} />),
    },
    {
      key: "at",
      title: t.at,
      text: ({ created_at }) => created_at,
      render: ({ created_at, state }) => (state === "OPEN" ? <Ago at={created_at} /> : <Moment at={created_at} />),
    },
    { key: "state", title: t.state, text: ({ state }) => state, render: ({ state }) => <StateTag state={state} states={STATE} /> },
    { key: "decided", title: t.decided, text: ({ decided_by }) => decided_by, render: ({ decided_by }) => <Id id={decided_by} /> },
  ];
  const options = Object.entries(STATE).map(([value, label]) => ({ value, label: label[language] }));
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <ListTable
        name={["/v1/proposals", filters.values]}
        read={(at) => got(client.GET("/v1/proposals", { params: { query: { ...at, ...(filters.values as { state?: "OPEN" }) } } }))}
        columns={columns}
        to={({ id }) => `/proposals/${id}`}
        filters={<Choice filters={filters} name="state" label={t.state} options={options} />}
        empty={t.empty}
        file="proposals"
      />
    </>
  );
}

/** What the author says of it, where the kind of proposal has a place for that. */
function whyOf({ change }: Proposal): string {
  const told = change as { why?: unknown; reason?: unknown }; // a free document
  return String(told.why ?? told.reason ?? "");
}
