// The tables of a back-test.

import { Col, Row } from "antd";
import type { ReactNode } from "react";
import { usePreferences } from "../../../app/preferences";
import { useWords } from "../../../app/words";
import { OUTCOME } from "../../../parts/called";
import { Id } from "../../../parts/Id";
import { Moment } from "../../../parts/Moment";
import { decimalOf } from "../../../parts/Money";
import { Cells } from "../Cells";
import { type Ends, type Figures, percent, type Sum } from "./figures";

const words = {
  wrong: { en: "Right and wrong", zh: "对与错" },
  caught: { en: "Frauds caught", zh: "命中欺诈" },
  missed: { en: "Frauds missed", zh: "漏过欺诈" },
  alarms: { en: "False alarms", zh: "误报" },
  fraud_stopped: { en: "Fraud stopped that had passed", zh: "新拦下的欺诈" },
  honest_stopped: { en: "Honest stopped that had passed", zh: "新拦下的正常支付" },
  fraud_freed: { en: "Fraud let go", zh: "放行的欺诈" },
  honest_freed: { en: "Honest let go", zh: "放行的正常支付" },
  ended: { en: "How payments ended", zh: "支付结果" },
  every: { en: "All", zh: "全部" },
  acted: { en: "Acted on", zh: "命中" },
  all: { en: "all", zh: "全部" },
  disputed: { en: "disputed", zh: "争议" },
  refunded: { en: "refunded", zh: "退款" },
  blocked: { en: "blocked", zh: "拦截" },
  challenged: { en: "challenged", zh: "挑战" },
  reviewed: { en: "reviewed", zh: "人工审核" },
  succeeded: { en: "succeeded", zh: "成功" },
  count: { en: "Payments", zh: "笔数" },
  value: { en: "Value", zh: "金额" },
  rules: { en: "Rules", zh: "规则" },
  rule: { en: "Rule", zh: "规则" },
  held: { en: "Held", zh: "命中" },
  precision: { en: "Precision", zh: "精确率" },
  overlap: { en: "Beside the rules in force", zh: "与在用规则的重叠" },
  both: { en: "Both", zh: "共同命中" },
  fresh: { en: "Tested only", zh: "仅被测" },
  inForce: { en: "In force only", zh: "仅在用" },
  turns: { en: "Decided then, and now", zh: "决策变化" },
  change: { en: "Then → now", zh: "当时 → 现在" },
  frauds: { en: "Frauds", zh: "欺诈" },
  worst: { en: "Largest false alarms", zh: "金额最大的误报" },
  payment: { en: "Payment", zh: "支付" },
  at: { en: "At", zh: "时间" },
};
const ENDS: Ends[] = ["all", "disputed", "refunded", "blocked", "challenged", "reviewed", "succeeded"];
const CHANGES = ["fraud_stopped", "honest_stopped", "fraud_freed", "honest_freed"] as const;

export function FigureTables({ figures }: { figures: Figures }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const { judged, change } = figures;
  const overlap = figures.overlap.filter(({ both, live_only }) => both.count > 0 || live_only.count > 0);
  const outcome = (name: string) => OUTCOME[name]?.[language] ?? name;
  const pair = ({ count, value }: Sum) => [count.toLocaleString("en"), decimalOf(value, "CNY")];
  const right = (["caught", "missed", "alarms"] as const).map((name) => [t[name], ...pair(judged[name])]);
  const parts: { wide?: boolean; title: string; heads: string[]; rows: ReactNode[][] }[] = [
    { title: t.wrong, heads: ["", t.count, t.value], rows: [...right, ...CHANGES.map((name) => [t[name], ...pair(change[name])])] },
    {
      title: t.ended,
      heads: ["", t.every, t.acted, t.value],
      rows: ENDS.map((name) => [t[name], figures.everything[name].count, ...pair(figures.acted[name])]),
    },
    {
      wide: true,
      title: t.rules,
      heads: [t.rule, t.held, t.caught, t.alarms, t.precision],
      rows: [...figures.rules, ...figures.typologies].map((row) => [
        <Named key="rule" name={row.rule || (row.typology ?? "")} note={row.reason} />,
        row.held.count,
        row.caught.count,
        row.alarms.count,
        percent(row.precision.share),
      ]),
    },
    {
      wide: true,
      title: t.overlap,
      heads: [t.rule, t.both, t.fresh, t.inForce, t.frauds],
      rows: overlap.map((row) => [
        <Named key="rule" name={row.rule} />,
        row.both.count,
        row.tested_only.count,
        row.live_only.count,
        `${row.fraud_both} / ${row.fraud_tested_only} / ${row.fraud_live_only}`,
      ]),
    },
    {
      title: t.turns,
      heads: [t.change, t.count, t.value, t.frauds],
      rows: figures.turns.map((row) => [`${outcome(row.then)} → ${outcome(row.now)}`, ...pair(row.sum), row.fraud]),
    },
    {
      title: t.worst,
      heads: [t.payment, t.at, t.value],
      rows: figures.worst.map(({ event, at, amount }) => [<Id key="id" id={event} />, <Moment key="at" at={at} />, decimalOf(amount, "CNY")]),
    },
  ];
  return (
    <Row gutter={[16, 16]} style={{ marginTop: 16 }}>
      {parts.filter(({ rows }) => rows.length > 0).map(({ wide, ...part }) => (
        <Col key={part.title} xs={24} xl={wide ? 24 : 12}>
          <Cells {...part} />
        </Col>
      ))}
    </Row>
  );
}

function Named({ name, note }: { name: string; note?: string }) {
  return (
    <>
      <span className="mono">{name}</span> <small>{note}</small>
    </>
  );
}
