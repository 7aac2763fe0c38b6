// Back-tests of everybody, newest first.

import type { Schemas } from "@anfu/api";
import { Link } from "react-router";
import { client, got } from "../../../app/client";
import { useMay } from "../../../app/session";
import { useWords } from "../../../app/words";
import { Id } from "../../../parts/Id";
import { type Column, ListTable } from "../../../parts/ListTable";
import { Moment } from "../../../parts/Moment";
import { PageHead } from "../../../parts/PageHead";
import { StateTag } from "../../../parts/StateTag";
import { BACKTEST } from "../names";

type Backtest = Schemas["BacktestDocument"];

const words = {
  title: { en: "Back-tests", zh: "回测" },
  about: {
    en: "Rules and thresholds tried on history. Start one from a rule, from the policy, or from a proposal it shall be a paper of.",
    zh: "规则与阈值在历史数据上的测算。可从规则、策略或提案页面发起。",
  },
  empty: { en: "Nothing was tested yet. Open a rule and start a back-test there.", zh: "尚无回测。请打开规则页面发起。" },
  id: { en: "Back-test", zh: "回测" },
  state: { en: "State", zh: "状态" },
  at: { en: "Asked for", zh: "发起时间" },
  by: { en: "By", zh: "发起人" },
  span: { en: "Payments", zh: "支付区间" },
  proposal: { en: "Paper of", zh: "所附提案" },
  problem: { en: "What went wrong", zh: "问题" },
};

export default function Backtests() {
  const t = useWords(words);
  const may = useMay();
  const columns: Column<Backtest>[] = [
    { key: "id", title: t.id, text: ({ id }) => id, render: ({ id }) => <Link to={`/backtests/${id}`} className="mono">{id}</Link> },
    { key: "state", title: t.state, text: ({ state }) => state, render: ({ state }) => <StateTag state={state} states={BACKTEST} /> },
    { key: "at", title: t.at, text: ({ created_at }) => created_at, render: ({ created_at }) => <Moment at={created_at} /> },
    { key: "by", title: t.by, text: ({ author }) => author, render: ({ author }) => <Id id={author} /> },
    {
      key: "span",
      title: t.span,
      text: ({ start, end }) => `${start} – ${end}`,
      render: ({ start, end }) => (
        <>
          <Moment at={start} /> – <Moment at={end} />
        </>
      ),
    },
    {
      key: "proposal",
      title: t.proposal,
      text: ({ proposal }) => proposal,
      render: ({ proposal }) =>
        proposal !== null && may("proposals:read") ? <Link to={`/proposals/${proposal}`} className="mono">{`…${proposal.slice(-7)}`}</Link> : <Id id={proposal} />,
    },
    { key: "problem", title: t.problem, render: ({ problem }) => problem ?? "" },
  ];
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <ListTable
        name={["/v1/backtests"]}
        read={(query) => got(client.GET("/v1/backtests", { params: { query } }))}
        columns={columns}
        to={({ id }) => `/backtests/${id}`}
        empty={t.empty}
        file="backtests"
      />
    </>
  );
}
