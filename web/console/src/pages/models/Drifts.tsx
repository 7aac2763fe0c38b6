// How far what a model sees has moved from what it was trained on (population stability index).

import { Alert, Skeleton, Tag } from "antd";
import { useMemo } from "react";
import { api } from "../../app/client";
import { useWords } from "../../app/words";
import { Chart } from "../../parts/Chart";
import { useMoment } from "../../parts/Moment";
import { ProblemView } from "../../parts/ProblemView";
import { Cells } from "../rules/Cells";

const words = {
  none: {
    en: "Nobody had to be told of drift. The worker measures every day; an index of 0.25 and more is told.",
    zh: "暂无漂移告警。后台每日测算，指数达 0.25 即告警。",
  },
  score: { en: "Score", zh: "分数" },
  worst: { en: "Column that moved most", zh: "变化最大的特征" },
  alert: { en: "another population", zh: "群体已变" },
  watch: { en: "something moved", zh: "有所变化" },
  label: { en: "Stability index over time", zh: "稳定性指数走势" },
  columns: { en: "Columns, at the newest alert", zh: "最近一次告警的特征" },
  column: { en: "Fact", zh: "特征" },
  index: { en: "Index", zh: "指数" },
};

export default function Drifts({ model }: { model: string }) {
  const t = useWords(words);
  const write = useMoment();
  const { data, error } = api.useQuery("get", "/v1/models/{model}/drifts", { params: { path: { model } } });
  const option = useMemo(() => {
    const rows = [...(data?.data ?? [])].reverse();
    const [watch, alert] = [rows[0]?.thresholds.watch ?? 0.1, rows[0]?.thresholds.alert ?? 0.25];
    const line = (name: string, values: number[]) => ({ name, type: "line", data: values, symbolSize: 7 });
    return {
      grid: { left: 8, right: 90, top: 36, bottom: 8, containLabel: true },
      legend: { top: 0 },
      tooltip: { trigger: "axis" },
      xAxis: { type: "category", data: rows.map(({ created_at }) => write(created_at)) },
      yAxis: { type: "value", min: 0 },
      series: [
        {
          ...line(t.score, rows.map(({ score }) => score)),
          markLine: { symbol: "none", data: [{ yAxis: watch, name: t.watch }, { yAxis: alert, name: t.alert }], label: { formatter: "{b}" } },
        },
        line(t.worst, rows.map(({ columns }) => Math.max(0, ...Object.values(columns)))),
      ],
    };
  }, [data, t, write]);
  if (error !== null) return <ProblemView problem={error} />;
  if (data === undefined) return <Skeleton active />;
  const newest = data.data[0];
  if (newest === undefined) return <Alert type="success" showIcon title={t.none} />;
  const moved = Object.entries(newest.columns).sort(([, a], [, b]) => b - a).slice(0, 20);
  return (
    <>
      <Chart option={option} label={t.label} />
      <Cells
        title={t.columns}
        heads={[t.column, t.index]}
        rows={moved.map(([name, index]) => [
          <span key="name">
            <span className="mono">{name}</span>{" "}
            {index >= newest.thresholds.alert ? <Tag color="error">{t.alert}</Tag> : index >= newest.thresholds.watch && <Tag color="warning">{t.watch}</Tag>}
          </span>,
          index.toFixed(3),
        ])}
      />
    </>
  );
}
