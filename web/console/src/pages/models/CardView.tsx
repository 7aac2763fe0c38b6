// The card of a model: how it ranks, what its grades catch and cost, for whom, how steadily.

import { Card, Col, Flex, Row, Statistic } from "antd";
import { useMemo } from "react";
import { useWords } from "../../app/words";
import { Chart } from "../../parts/Chart";
import { percent } from "../rules/backtests/figures";
import { Cells } from "../rules/Cells";
import { type CardFigures, cardOf } from "./card";
import { bars, curve } from "./plots";

const words = {
  none: { en: "These figures are not those of a card.", zh: "数据不是模型说明格式。" },
  precision: { en: "Average precision", zh: "平均精确率" },
  calibration: { en: "Calibration error", zh: "校准误差" },
  steady: { en: "Stability of the score (PSI)", zh: "分数稳定性 PSI" },
  grades: { en: "Grades", zh: "按损失定级" },
  grade: { en: "From grade", zh: "等级起" },
  cutoff: { en: "Cutoff", zh: "阈值" },
  alerts: { en: "Alerts", zh: "告警" },
  exact: { en: "Precision", zh: "精确率" },
  recall: { en: "Recall", zh: "召回率" },
  value: { en: "Value caught", zh: "金额召回" },
  alarms: { en: "False alarms", zh: "误拦截率" },
  fairness: { en: "Fairness", zh: "公平性" },
  group: { en: "Group", zh: "群体" },
  rows: { en: "Rows", zh: "行数" },
  flagged: { en: "⚑ stopped too often", zh: "⚑ 拦截偏高" },
  roc: { en: "Frauds caught as more honest payments are stopped", zh: "误拦截率与欺诈召回率" },
  pr: { en: "Precision as more frauds are caught", zh: "召回率与精确率" },
  reliability: { en: "Whether a score of so much means so much fraud", zh: "分数与实际欺诈占比" },
  cost: { en: "Cost over the cutoff of a challenge (yuan)", zh: "挑战阈值与总损失（元）" },
  importance: { en: "What it leans on: precision lost when a column is shuffled", zh: "打乱某列后平均精确率的损失" },
  moved: { en: "Columns that moved most (PSI)", zh: "变化最大的特征 (PSI)" },
  along: { en: "Average precision along the time of weighing", zh: "评估期内平均精确率走势" },
  score: { en: "score", zh: "分数" },
  fraud: { en: "share of fraud", zh: "欺诈占比" },
  price: { en: "cost", zh: "损失" },
  day: { en: "day", zh: "天" },
};

export default function CardView({ figures }: { figures: object }) {
  const t = useWords(words);
  const card = cardOf(figures);
  return card === null ? t.none : <Known card={card} />;
}

function Known({ card }: { card: CardFigures }) {
  const t = useWords(words);
  const { ranking, reliability, grading, fairness, steadiness } = card;
  const heads: [string, number | undefined][] = [
    ["AUC", ranking.auc],
    [t.precision, ranking.average_precision],
    ["Brier", reliability?.brier],
    [t.calibration, reliability?.calibration_error],
    [t.steady, steadiness.score],
  ];
  const groups = Object.entries(fairness?.groups ?? {}).flatMap(([name, found]) =>
    Object.entries(found).map(([value, group]) => [
      `${name}: ${value}`, group.rows, percent(group.false_alarm_rate, 3), group.flagged ? t.flagged : "",
    ]),
  );
  return (
    <>
      <Flex wrap gap={32} style={{ marginBottom: 16 }}>
        {heads.map(([title, value]) => value !== undefined && <Statistic key={title} title={title} value={value} precision={4} />)}
      </Flex>
      <Row gutter={[16, 16]}>
        <Plots card={card} />
        {grading !== undefined && (
          <Col xs={24}>
            <Cells
              title={t.grades}
              heads={[t.grade, t.cutoff, t.alerts, t.exact, t.recall, t.value, t.alarms]}
              rows={Object.entries(grading.grades).sort(([, a], [, b]) => a.cutoff - b.cutoff).map(([name, grade]) => [
                name, grade.cutoff, grade.alerts, percent(grade.precision), percent(grade.recall), percent(grade.value_caught), percent(grade.false_alarm_rate, 3),
              ])}
            />
          </Col>
        )}
        {groups.length > 0 && (
          <Col xs={24}>
            <Cells title={t.fairness} heads={[t.group, t.rows, t.alarms, ""]} rows={groups} />
          </Col>
        )}
      </Row>
    </>
  );
}

function Plots({ card }: { card: CardFigures }) {
  const t = useWords(words);
  const plots = useMemo(() => {
    const { ranking, reliability, grading, steadiness, importance } = card;
    const along = steadiness.along.flatMap(({ day, average_precision }) => (average_precision === null ? [] : [[day, average_precision]]));
    return [
      { label: t.roc, option: curve(ranking.roc, { x: t.alarms, y: t.recall }, true) },
      { label: t.pr, option: curve(ranking.precision_recall, { x: t.recall, y: t.exact }) },
      reliability && { label: t.reliability, option: curve(reliability.bins.map(([score, share]) => [score, share]), { x: t.score, y: t.fraud }, true) },
      grading && { label: t.cost, option: curve(grading.cost_curve.map(([x, fen]) => [x, fen / 100]), { x: t.cutoff, y: t.price }) },
      importance && { label: t.importance, option: bars(importance.slice(0, 12)) },
      { label: t.moved, option: bars(Object.entries(steadiness.columns).sort(([, a], [, b]) => b - a).slice(0, 10)) },
      { label: t.along, option: curve(along, { x: t.day, y: t.precision }) },
    ].filter((plot) => plot !== undefined);
  }, [card, t]);
  return plots.map(({ label, option }) => (
    <Col key={label} xs={24} lg={12} xxl={8}>
      <Card size="small" title={label}>
        <Chart option={option} label={label} height={240} />
      </Card>
    </Col>
  ));
}
