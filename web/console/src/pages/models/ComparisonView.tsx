// A challenger beside the champion, on the same decisions.

import { Alert, Descriptions } from "antd";
import { useWords } from "../../app/words";
import { Id } from "../../parts/Id";
import { Moment } from "../../parts/Moment";
import { Cells } from "../rules/Cells";

interface Interval {
  value: number;
  low: number;
  high: number;
}

/** As risk/models/promote.py writes it. */
export interface Weighed {
  champion: string;
  challenger: string;
  since: string;
  until: string;
  label_delay_days: number;
  rows: number;
  frauds: number;
  stopped_and_untold: number;
  comparison: {
    auc_champion: number;
    auc_challenger: number;
    auc_difference: Interval;
    precision_champion: number;
    precision_challenger: number;
    precision_difference: Interval;
    better: boolean;
  } | null;
}

const words = {
  none: {
    en: "There is no fraud among what has matured, or nothing else: nothing can be compared yet.",
    zh: "已成熟的决策中尚无欺诈，或仅有欺诈，暂无法对比。",
  },
  better: { en: "The challenger is better: an interval is above zero and the other is not below.", zh: "挑战模型更优：一项差值区间高于零，另一项不低于零。" },
  unproven: { en: "It is not shown that the challenger is better.", zh: "尚不能证明挑战模型更优。" },
  champion: { en: "Champion", zh: "现任模型" },
  challenger: { en: "Challenger", zh: "挑战模型" },
  difference: { en: "Difference, 95 %", zh: "差值（95% 区间）" },
  title: { en: "On the same decisions", zh: "同一批决策上的表现" },
  precision: { en: "Average precision", zh: "平均精确率" },
  rows: { en: "Decisions", zh: "决策数" },
  frauds: { en: "Frauds", zh: "欺诈" },
  untold: { en: "Stopped, never told", zh: "被拦截且无标签" },
  span: { en: "Decided", zh: "决策区间" },
};

export function ComparisonView({ weighed }: { weighed: Weighed }) {
  const t = useWords(words);
  const { comparison } = weighed;
  return (
    <>
      <Descriptions
        size="small"
        column={{ xs: 1, md: 3 }}
        items={[
          { key: "champion", label: t.champion, children: <Id id={weighed.champion} /> },
          { key: "challenger", label: t.challenger, children: <Id id={weighed.challenger} /> },
          { key: "span", label: t.span, children: <span><Moment at={weighed.since} /> – <Moment at={weighed.until} /></span> },
          { key: "rows", label: t.rows, children: weighed.rows },
          { key: "frauds", label: t.frauds, children: weighed.frauds },
          { key: "untold", label: t.untold, children: weighed.stopped_and_untold },
        ]}
      />
      {comparison === null ? (
        <Alert type="info" showIcon title={t.none} />
      ) : (
        <>
          <Alert type={comparison.better ? "success" : "warning"} showIcon title={comparison.better ? t.better : t.unproven} style={{ margin: "12px 0" }} />
          <Cells
            title={t.title}
            heads={["", t.champion, t.challenger, t.difference]}
            rows={[
              ["AUC", four(comparison.auc_champion), four(comparison.auc_challenger), interval(comparison.auc_difference)],
              [t.precision, four(comparison.precision_champion), four(comparison.precision_challenger), interval(comparison.precision_difference)],
            ]}
          />
        </>
      )}
    </>
  );
}

function four(value: number): string {
  return value.toFixed(4);
}

function interval({ value, low, high }: Interval): string {
  return `${value >= 0 ? "+" : "−"}${four(Math.abs(value))} [${four(low)}, ${four(high)}]`;
}
