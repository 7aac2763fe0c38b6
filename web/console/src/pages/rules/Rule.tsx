// One rule: what it says, where it stands, what was written, what became of it.

import { Alert, Card, Descriptions, Skeleton, Tabs } from "antd";
import { Link, useParams } from "react-router";
import type { Schemas } from "@anfu/api";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useMay } from "../../app/session";
import { useSay, useWords } from "../../app/words";
import { OUTCOME } from "../../parts/called";
import { PageHead } from "../../parts/PageHead";
import { ProblemView } from "../../parts/ProblemView";
import { GRADE, StateTag } from "../../parts/StateTag";
import { Drafts } from "./Drafts";
import { Moves } from "./Moves";
import { LIFE, PURPOSE } from "./names";
import { RuleActs } from "./RuleActs";

const words = {
  says: { en: "What it says", zh: "规则内容" },
  condition: { en: "Condition", zh: "条件" },
  grade: { en: "Grade", zh: "风险等级" },
  points: { en: "Points", zh: "分值" },
  outcome: { en: "At least", zh: "最低处置" },
  reason: { en: "Reason", zh: "原因代码" },
  purpose: { en: "Purpose", zh: "使用目的" },
  typology: { en: "Typology", zh: "欺诈类型" },
  drafts: { en: "Drafts", zh: "草稿" },
  life: { en: "Life", zh: "变动记录" },
  newer: {
    en: "A newer draft says something else than what is shown. Propose to watch it when it is ready.",
    zh: "有内容不同的新草稿。就绪后可提议影子运行。",
  },
  read: { en: "Read it", zh: "查看提案" },
  open: { en: "A proposal about this rule waits for a second person", zh: "该规则有提案等待第二人决定" },
};

export default function Rule() {
  const t = useWords(words);
  const say = useSay();
  const { rule = "" } = useParams();
  const { data, error, refetch } = api.useQuery("get", "/v1/rules/{rule}", { params: { path: { rule } } });
  if (error !== null) return <ProblemView problem={error} again={() => void refetch()} />;
  if (data === undefined) return <Skeleton active />;
  return (
    <>
      <PageHead
        title={data.id}
        about={
          <>
            <StateTag state={data.state} states={LIFE} /> {data.state === "LIVE" && `${data.rollout}% · `}
            {say(data.en, data.zh)}
          </>
        }
        actions={<RuleActs rule={data} />}
      />
      <OpenProposals rule={data.id} />
      {isNewer(data) && <Alert type="info" showIcon title={t.newer} style={{ marginBottom: 16 }} />}
      <Said rule={data} />
      <Card size="small" style={{ marginTop: 16 }}>
        <Tabs
          items={[
            { key: "drafts", label: `${t.drafts} (${data.drafts?.length ?? 0})`, children: <Drafts rule={data} /> },
            { key: "life", label: `${t.life} (${data.moves?.length ?? 0})`, children: <Moves moves={data.moves ?? []} /> },
          ]}
        />
      </Card>
    </>
  );
}

function isNewer({ state, draft, condition, points, grade }: Schemas["RuleDocument"]): boolean {
  if (state === "DRAFT" || draft === null) return false;
  return draft.condition !== condition || draft.points !== points || draft.grade !== grade;
}

function Said({ rule }: { rule: Schemas["RuleDocument"] }) {
  const t = useWords(words);
  const { language } = usePreferences();
  return (
    <Card size="small" title={t.says}>
      <pre className="mono" style={{ margin: "0 0 12px", whiteSpace: "pre-wrap", overflowWrap: "anywhere", fontSize: 14 }} aria-label={t.condition}>
        {rule.condition}
      </pre>
      <Descriptions
        size="small"
        column={{ xs: 1, sm: 2, lg: 3 }}
        items={[
          { key: "grade", label: t.grade, children: <StateTag state={rule.grade} states={GRADE} /> },
          { key: "points", label: t.points, children: rule.points },
          { key: "reason", label: t.reason, children: <span className="mono">{rule.reason}</span> },
          { key: "outcome", label: t.outcome, children: rule.outcome === null ? "—" : <StateTag state={rule.outcome} states={OUTCOME} /> },
          { key: "purpose", label: t.purpose, children: PURPOSE[rule.purpose][language] },
          { key: "typology", label: t.typology, children: rule.typology ?? "—" },
        ]}
      />
    </Card>
  );
}

/** What somebody has proposed about this rule and nobody has decided on. */
function OpenProposals({ rule }: { rule: string }) {
  const t = useWords(words);
  const may = useMay();
  const { data } = api.useQuery(
    "get",
    "/v1/proposals",
    { params: { query: { state: "OPEN", limit: 100 } } },
    { enabled: may("proposals:read") },
  );
  const open = (data?.data ?? []).filter(({ subject, target }) => subject === "RULES" && target === rule);
  return open.map(({ id }) => (
    <Alert key={id} type="warning" showIcon title={t.open} action={<Link to={`/proposals/${id}`}>{t.read}</Link>} style={{ marginBottom: 16 }} />
  ));
}
