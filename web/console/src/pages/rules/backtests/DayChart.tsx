// What was acted on each day: frauds caught, honest payments stopped, and what nobody can judge yet.

import { useMemo } from "react";
import { useWords } from "../../../app/words";
import { Chart } from "../../../parts/Chart";
import type { Figures } from "./figures";

const words = {
  caught: { en: "Frauds caught", zh: "命中欺诈" },
  alarms: { en: "False alarms", zh: "误报" },
  rest: { en: "Acted on, not judged", zh: "命中但尚不可评判" },
  label: {
    en: (caught: number, alarms: number, days: number) => `Over ${days} days ${caught} frauds were caught and ${alarms} honest payments stopped`,
    zh: (caught: number, alarms: number, days: number) => `${days} 天内命中欺诈 ${caught} 笔，误报 ${alarms} 笔`,
  },
};

export default function DayChart({ days }: { days: Figures["days"] }) {
  const t = useWords(words);
  const option = useMemo(() => {
    const bar = (name: string, data: number[]) => ({ name, type: "bar", stack: "acted", data, barMaxWidth: 28 });
    return {
      grid: { left: 8, right: 8, top: 36, bottom: 8, containLabel: true },
      legend: { top: 0 },
      tooltip: { trigger: "axis" },
      xAxis: { type: "category", data: days.map(({ day }) => day) },
      yAxis: { type: "value", minInterval: 1 },
      series: [
        bar(t.caught, days.map(({ caught }) => caught.count)),
        bar(t.rest, days.map(({ acted, caught, alarms }) => acted.count - caught.count - alarms.count)),
        bar(t.alarms, days.map(({ alarms }) => alarms.count)),
      ],
    };
  }, [days, t]);
  const total = (name: "caught" | "alarms") => days.reduce((sum, day) => sum + day[name].count, 0);
  return <Chart option={option} label={t.label(total("caught"), total("alarms"), days.length)} />;
}
