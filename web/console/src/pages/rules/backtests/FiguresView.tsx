// What a back-test found: heads, day by day, right and wrong, rule by rule.

import { Alert, Card, Col, Row } from "antd";
import { lazy, Suspense } from "react";
import { useWords } from "../../../app/words";
import { decimalOf } from "../../../parts/Money";
import { type Figures, percent, type Share, type Sum } from "./figures";
import { FigureTables } from "./FigureTables";

const DayChart = lazy(() => import("./DayChart"));

const words = {
  nothing: {
    en: "There was no payment in these days. Choose others.",
    zh: "所选日期内没有支付，请另选日期。",
  },
  unknown: { en: "Not in this history, taken as not known", zh: "历史中没有、按无值处理的特征" },
  caught: { en: "Frauds caught", zh: "命中欺诈" },
  of: { en: (all: number) => `of ${all} frauds that can be judged`, zh: (all: number) => `可评判欺诈共 ${all} 笔` },
  value: { en: "Value caught", zh: "命中欺诈金额" },
  valueOf: { en: (share: string) => `${share} of the value of fraud`, zh: (share: string) => `占欺诈金额 ${share}` },
  alarms: { en: "False alarms", zh: "误报" },
  alarmsOf: { en: (share: string) => `${share} of honest payments`, zh: (share: string) => `占正常支付 ${share}` },
  precision: { en: "Precision", zh: "精确率" },
  recall: { en: "Recall", zh: "召回率" },
  alert: { en: "Alert rate", zh: "告警率" },
  days: { en: "Day by day", zh: "逐日" },
  open: { en: "not judged yet", zh: "尚不可评判" },
};

export function FiguresView({ figures }: { figures: Figures }) {
  const t = useWords(words);
  const { judged, everything, span } = figures;
  if (everything.all.count === 0) return <Alert type="info" showIcon title={t.nothing} />;
  const frauds = judged.caught.count + judged.missed.count;
  const heads: { key: string; name: string; value: string; note: string }[] = [
    { key: "caught", name: t.caught, value: count(judged.caught), note: t.of(frauds) },
    { key: "value", name: t.value, value: decimalOf(judged.caught.value, "CNY"), note: t.valueOf(percent(judged.recall_value)) },
    { key: "alarms", name: t.alarms, value: count(judged.alarms), note: t.alarmsOf(percent(judged.false_alarm_rate.share, 3)) },
    { key: "precision", name: t.precision, value: percent(judged.precision.share), note: bounds(judged.precision) },
    { key: "recall", name: t.recall, value: percent(judged.recall.share), note: bounds(judged.recall) },
    { key: "alert", name: t.alert, value: percent(figures.alert_rate.share, 3), note: `${figures.alert_rate.hits} / ${figures.alert_rate.of}` },
  ];
  return (
    <>
      {span.unknown.length > 0 && <Alert type="warning" showIcon title={`${t.unknown}: ${span.unknown.join(", ")}`} style={{ marginBottom: 16 }} />}
      <Row gutter={[12, 12]}>
        {heads.map(({ key, name, value, note }) => (
          <Col key={key} xs={12} md={8} xl={4}>
            <Card size="small" styles={{ body: { minHeight: 92 } }}>
              <small>{name}</small>
              <div className="number" style={{ fontSize: 21, textAlign: "start" }}>
                {value}
              </div>
              <small>{note}</small>
            </Card>
          </Col>
        ))}
      </Row>
      <Card size="small" title={t.days} extra={`${t.open}: ${span.open.count}`} style={{ marginTop: 16 }}>
        <Suspense fallback={<div style={{ height: 260 }} />}>
          <DayChart days={figures.days} />
        </Suspense>
      </Card>
      <FigureTables figures={figures} />
    </>
  );
}

function count({ count: payments }: Sum): string {
  return payments.toLocaleString("en");
}

/** The 95 % interval, where there is one. */
function bounds({ low, high, hits, of }: Share): string {
  return low === null || high === null ? "" : `[${percent(low)}, ${percent(high)}] ${hits}/${of}`;
}
