// One back-test: waited for, then its figures.

import { Alert, Card, Descriptions, Flex, Skeleton, Spin } from "antd";
import { Link, useParams } from "react-router";
import { api } from "../../../app/client";
import { useWords } from "../../../app/words";
import { Id } from "../../../parts/Id";
import { Moment } from "../../../parts/Moment";
import { PageHead } from "../../../parts/PageHead";
import { ProblemView } from "../../../parts/ProblemView";
import { StateTag } from "../../../parts/StateTag";
import { BACKTEST } from "../names";
import { FiguresView } from "./FiguresView";
import { figuresOf } from "./figures";

const PAUSE_MS = 2_000;
const words = {
  title: { en: "Back-test", zh: "回测" },
  waiting: { en: "The worker takes it up within seconds; on millions of payments it takes minutes.", zh: "后台将在数秒内开始；数据量大时需数分钟。" },
  failed: { en: "It failed", zh: "回测失败" },
  history_empty: {
    en: "No payment is in the history yet. It follows some minutes behind.",
    zh: "历史中尚无支付。历史数据较实时滞后数分钟。",
  },
  noted: { en: "It is done, but it was not attached", zh: "已完成，但未能附于提案" },
  by: { en: "Asked for by", zh: "发起人" },
  at: { en: "Asked for", zh: "发起时间" },
  span: { en: "Payments from", zh: "支付区间" },
  cutoff: { en: "Labels up to", zh: "标签截至" },
  delay: { en: "Days until judged", zh: "标签成熟天数" },
  proposal: { en: "Paper of", zh: "所附提案" },
};

export default function Backtest() {
  const t = useWords(words);
  const { backtest = "" } = useParams();
  const { data, error, refetch } = api.useQuery(
    "get",
    "/v1/backtests/{backtest}",
    { params: { path: { backtest } } },
    { refetchInterval: ({ state }) => (state.data?.state === "WAITING" || state.data?.state === "RUNNING" ? PAUSE_MS : false) },
  );
  if (error !== null) return <ProblemView problem={error} again={() => void refetch()} />;
  if (data === undefined) return <Skeleton active />;
  const open = data.state === "WAITING" || data.state === "RUNNING";
  return (
    <>
      <PageHead title={t.title} about={<><StateTag state={data.state} states={BACKTEST} /> <span className="mono">{data.id}</span></>} />
      <Card size="small" style={{ marginBottom: 16 }}>
        <Descriptions
          size="small"
          column={{ xs: 1, md: 2, xl: 3 }}
          items={[
            { key: "span", label: t.span, children: <span><Moment at={data.start} /> – <Moment at={data.end} /></span> },
            { key: "cutoff", label: t.cutoff, children: <Moment at={data.cutoff} /> },
            { key: "delay", label: t.delay, children: data.label_delay_days },
            { key: "at", label: t.at, children: <Moment at={data.created_at} /> },
            { key: "by", label: t.by, children: <Id id={data.author} /> },
            { key: "proposal", label: t.proposal, children: data.proposal === null ? "—" : <Link to={`/proposals/${data.proposal}`} className="mono">{data.proposal}</Link> },
          ]}
        />
      </Card>
      {open && (
        <Flex align="center" gap={12} style={{ padding: 24 }}>
          <Spin /> {t.waiting}
        </Flex>
      )}
      {data.problem !== null && (
        <Alert type={data.state === "FAILED" ? "error" : "warning"} showIcon title={data.state === "FAILED" ? t.failed : t.noted} description={data.problem === "history_empty" ? t.history_empty : data.problem} style={{ marginBottom: 16 }} />
      )}
      {data.figures && <FiguresView figures={figuresOf(data.figures)} />}
    </>
  );
}
