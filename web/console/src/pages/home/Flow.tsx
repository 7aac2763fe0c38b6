// Payments as they come, by how they went.

import type { Schemas } from "@anfu/api";
import { Flex, Typography } from "antd";
import { useMemo } from "react";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { Chart } from "../../parts/Chart";
import { Money } from "../../parts/Money";
import { useMoment } from "../../parts/Moment";
import { PAYMENT, StateTag } from "../../parts/StateTag";

type Activity = Schemas["ActivityDocument"];

// What did not get through may not look like what did: good first, then by weight.
const COLOURS: Record<string, string> = {
  SUCCEEDED: "#0f766e",
  FAILED: "#b45309",
  BLOCKED: "#b91c1c",
  REJECTED: "#7f1d1d",
  REFUSED: "#c2410c",
  CANCELLED: "#64748b",
  EXPIRED: "#94a3b8",
};

const words = {
  label: { en: "Payments by outcome over time", zh: "各结果支付笔数随时间变化" },
  counted: { en: "Counted until", zh: "统计截至" },
  paid: { en: "Paid", zh: "成功金额" },
  rate: { en: "per second, last point", zh: "笔/秒（最近一点）" },
};

export function Flow({ activity }: { activity: Activity }) {
  const t = useWords(words);
  const { language, zone } = usePreferences();
  const write = useMoment();
  const states = useMemo(
    () => Object.keys(activity.outcomes).sort((a, b) => activity.outcomes[b] - activity.outcomes[a]),
    [activity.outcomes],
  );
  const option = useMemo(() => optionOf(activity, states, language, zone), [activity, states, language, zone]);
  const paid = activity.points.reduce((sum, { amount }) => sum + amount, 0);
  return (
    <>
      <Flex wrap gap={20} align="center" style={{ marginBottom: 8 }}>
        {states.map((state) => (
          <span key={state}>
            <StateTag state={state} states={PAYMENT} /> <strong className="number">{activity.outcomes[state]}</strong>
          </span>
        ))}
        <span>
          {t.paid} <Money minor={paid} currency={activity.currency} />
        </span>
        <Typography.Text type="secondary">
          {(activity.points.at(-1)?.per_second ?? 0).toFixed(2)} {t.rate}
        </Typography.Text>
      </Flex>
      <Chart option={option} label={t.label} height={240} />
      {activity.counted_until && (
        <Typography.Text type="secondary" style={{ fontSize: 12 }}>
          {t.counted} {write(activity.counted_until)}
        </Typography.Text>
      )}
    </>
  );
}

function optionOf(activity: Activity, states: string[], language: "en" | "zh", zone: string) {
  const form = new Intl.DateTimeFormat(language, {
    timeZone: zone,
    ...(activity.span === "month" ? { month: "2-digit", day: "2-digit" } : { hour: "2-digit", minute: "2-digit", hour12: false }),
  } as Intl.DateTimeFormatOptions);
  const start = Date.parse(activity.since);
  const end = Date.parse(activity.counted_until ?? activity.since);
  const byTime = new Map(activity.points.map((point) => [Date.parse(point.at), point.outcomes]));
  const width = activity.width_s * 1_000;
  const times = Array.from({ length: Math.max(1, Math.ceil((end - start) / width)) }, (_, n) => start + n * width);
  return {
    grid: { left: 44, right: 12, top: 12, bottom: 24 },
    tooltip: { trigger: "axis", renderMode: "richText" },
    xAxis: { type: "category", data: times.map((at) => form.format(at)) },
    yAxis: { type: "value", minInterval: 1 },
    series: states.map((state) => ({
      type: "bar",
      stack: "all",
      name: PAYMENT[state]?.[language] ?? state,
      itemStyle: { color: COLOURS[state] ?? "#475569" },
      data: times.map((at) => byTime.get(at)?.[state] ?? 0),
    })),
  };
}
