// How the work on cases goes.

import { Card, Col, Empty, Row, Segmented, Skeleton, Statistic, theme } from "antd";
import { useMemo } from "react";
import { api } from "../../app/client";
import { useSay, useWords } from "../../app/words";
import { Chart } from "../../parts/Chart";
import { useFilters } from "../../parts/filters";
import { PageHead } from "../../parts/PageHead";
import { ProblemView } from "../../parts/ProblemView";
import { GRADE } from "../../parts/StateTag";

const NAMES = ["days"] as const;
const words = {
  title: { en: "Case figures", zh: "案件指标" },
  about: { en: "First responses to cases opened in the last days; the target is 30 minutes.", zh: "近期案件的首次响应情况；目标为 30 分钟内。" },
  days: { en: "Days", zh: "天数" },
  last: { en: (days: number) => `${days} d`, zh: (days: number) => `近 ${days} 天` },
  opened: { en: "Opened", zh: "立案" },
  answered: { en: "Answered", zh: "已响应" },
  target: { en: "Within 30 minutes", zh: "30 分钟内响应" },
  policy: { en: "Within the policy's working time", zh: "按策略工作时间响应" },
  p50: { en: "Half within", zh: "响应时间中位数" },
  p95: { en: "95 % within", zh: "响应时间 95 分位" },
  late: { en: "Open and late", zh: "未结且超时" },
  oldest: { en: "Oldest open", zh: "最久未结" },
  open: { en: "Open cases by age and grade", zh: "未结案件（按时长与等级）" },
  none: { en: "No case is open.", zh: "没有未结案件。" },
  older: { en: "older", zh: "更久" },
};

export default function Figures() {
  const t = useWords(words);
  const filters = useFilters(NAMES);
  const days = Number(filters.values.days ?? 30);
  const { data, error } = api.useQuery("get", "/v1/cases/figures", { params: { query: { days } } });
  if (error !== null) return <ProblemView problem={error} />;
  if (data === undefined) return <Skeleton active />;
  const figures: [string, string][] = [
    [t.opened, String(data.opened)],
    [t.answered, `${data.answered} / ${data.due}`],
    [t.target, share(data.in_target_share)],
    [t.policy, share(data.in_time_share)],
    [t.p50, span(data.p50_s)],
    [t.p95, span(data.p95_s)],
    [t.late, String(data.late)],
    [t.oldest, span(data.oldest_s || null)],
  ];
  return (
    <>
      <PageHead
        title={t.title}
        about={t.about}
        actions={
          <Segmented aria-label={t.days} options={[1, 7, 30, 90].map((value) => ({ value, label: t.last(value) }))} value={days} onChange={(chosen) => filters.set("days", String(chosen))} />
        }
      />
      <Row gutter={[12, 12]} style={{ marginBottom: 16 }}>
        {figures.map(([title, value]) => (
          <Col key={title} xs={12} md={6}>
            <Card size="small">
              <Statistic title={title} value={value} />
            </Card>
          </Col>
        ))}
      </Row>
      <Card size="small" title={t.open}>
        {data.open.some(({ count }) => count > 0) ? (
          <Open open={data.open} />
        ) : (
          <Empty description={t.none} />
        )}
      </Card>
    </>
  );
}

function Open({ open }: { open: { grade: string; age_s: number | null; count: number }[] }) {
  const t = useWords(words);
  const say = useSay();
  const { token } = theme.useToken();
  const option = useMemo(() => {
    const ages = [...new Set(open.map(({ age_s }) => age_s))].sort((a, b) => (a ?? Infinity) - (b ?? Infinity));
    const colors: Record<string, string> = { LOW: token.colorTextTertiary, MIDDLE: token.colorInfo, GENERAL: token.colorWarning, HIGH: token.colorError };
    const grades = Object.keys(GRADE).filter((grade) => open.some((one) => one.grade === grade && one.count > 0));
    return {
      tooltip: { trigger: "axis" },
      legend: { bottom: 0 },
      grid: { left: 40, right: 16, top: 16, bottom: 56 },
      xAxis: { type: "category", data: ages.map((age) => (age === null ? t.older : `≤ ${span(age)}`)) },
      yAxis: { type: "value", minInterval: 1 },
      series: grades.map((grade) => ({
        type: "bar",
        stack: "open",
        barMaxWidth: 64,
        name: say(GRADE[grade].en, GRADE[grade].zh),
        itemStyle: { color: colors[grade] },
        data: ages.map((age) => open.find((one) => one.grade === grade && one.age_s === age)?.count ?? 0),
      })),
    };
  }, [open, t, say, token]);
  return <Chart option={option} label={t.open} />;
}

function share(value: number | null): string {
  return value === null ? "—" : `${(value * 100).toFixed(1)} %`;
}

function span(seconds: number | null): string {
  if (seconds === null) return "—";
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`;
  return seconds < 86_400 ? `${(seconds / 3_600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} d`;
}
