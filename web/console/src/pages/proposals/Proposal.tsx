// One proposal: what would change, the papers to read before, and the decision.

import { Alert, Card, Descriptions, Skeleton, Tag } from "antd";
import { useParams } from "react-router";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { Id } from "../../parts/Id";
import { Moment } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";
import { ProblemView } from "../../parts/ProblemView";
import { StateTag } from "../../parts/StateTag";
import { AttachBacktest } from "./AttachBacktest";
import { ChangeView } from "./ChangeView";
import { changeOf, missingOf } from "./change";
import { Decide } from "./Decide";
import { PAPER, STATE, SUBJECT } from "./names";
import { PaperView } from "./PaperView";

const words = {
  why: { en: "Why", zh: "理由" },
  by: { en: "Proposed by", zh: "提议人" },
  at: { en: "Proposed", zh: "提议时间" },
  decided: { en: "Decided by", zh: "决定人" },
  decidedAt: { en: "Decided", zh: "决定时间" },
  change: { en: "What would change", zh: "变更内容" },
  missing: {
    en: (papers: string) => `Nobody can approve it yet. Still to be attached: ${papers}`,
    zh: (papers: string) => `尚不能批准。仍缺附件：${papers}`,
  },
  paper: { en: "Paper", zh: "附件" },
};

export default function Proposal() {
  const t = useWords(words);
  const { language } = usePreferences();
  const { proposal = "" } = useParams();
  const { data, error, refetch } = api.useQuery(
    "get",
    "/v1/proposals/{proposal}",
    { params: { path: { proposal } } },
    { refetchInterval: ({ state }) => (state.data?.state === "OPEN" ? 5_000 : false) },
  );
  if (error !== null) return <ProblemView problem={error} again={() => void refetch()} />;
  if (data === undefined) return <Skeleton active />;
  const missing = data.state === "OPEN" ? missingOf(data) : [];
  const papers = data.papers ?? [];
  return (
    <>
      <PageHead
        title={`${SUBJECT[data.subject]?.[language] ?? data.subject} · ${data.target}`}
        about={<><StateTag state={data.state} states={STATE} /> <span className="mono">{data.id}</span></>}
        actions={<Decide proposal={data} missing={missing} />}
      />
      {missing.length > 0 && (
        <Alert
          type="warning"
          showIcon
          title={t.missing(missing.map((kind) => PAPER[kind][language]).join(", "))}
          action={missing.includes("BACKTEST") && <AttachBacktest proposal={data} />}
          style={{ marginBottom: 16 }}
        />
      )}
      <Card size="small" style={{ marginBottom: 16 }}>
        <Descriptions
          size="small"
          column={{ xs: 1, md: 2 }}
          items={[
            { key: "why", label: t.why, span: "filled", children: changeOf(data).why ?? "—" },
            { key: "by", label: t.by, children: <Id id={data.author} /> },
            { key: "at", label: t.at, children: <Moment at={data.created_at} /> },
            { key: "decided", label: t.decided, children: <Id id={data.decided_by} /> },
            { key: "decidedAt", label: t.decidedAt, children: <Moment at={data.decided_at} /> },
          ]}
        />
      </Card>
      <Card size="small" title={t.change} style={{ marginBottom: 16 }}>
        <ChangeView proposal={data} />
      </Card>
      {papers.map((paper) => (
        <Card
          key={`${paper.kind}-${paper.created_at}`}
          size="small"
          title={<><Tag>{t.paper}</Tag> {PAPER[paper.kind]?.[language] ?? paper.kind}</>}
          extra={<Moment at={paper.created_at} />}
          style={{ marginBottom: 16 }}
        >
          <PaperView paper={paper} />
        </Card>
      ))}
    </>
  );
}
