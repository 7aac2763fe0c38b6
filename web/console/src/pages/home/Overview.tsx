// How the institution does: its targets, what goes on now, and what waits.

import { Card, Col, Empty, Row, Segmented } from "antd";
import { useSearchParams } from "react-router";
import { api } from "../../app/client";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { PageHead } from "../../parts/PageHead";
import { ProblemView } from "../../parts/ProblemView";
import { Channels } from "./Channels";
import { Flow } from "./Flow";
import { Reasons } from "./Reasons";
import { Targets } from "./Targets";
import { WaitingCases } from "./WaitingCases";

const SPANS = ["hour", "day", "month"] as const;
type Span = (typeof SPANS)[number];

const words = {
  title: { en: "Overview", zh: "总览" },
  nothing: {
    en: "The figures of payments are for whoever may read payments. Choose an area on the left.",
    zh: "支付数据仅向有支付查看权限的员工展示。请从左侧选择功能。",
  },
  flow: { en: "Payments", zh: "支付量" },
  reasons: { en: "Top reasons", zh: "主要原因" },
  channels: { en: "Channels", zh: "渠道健康" },
  cases: { en: "Open cases by age", zh: "待处理案件（按时长）" },
  hour: { en: "Hour", zh: "近一小时" },
  day: { en: "Day", zh: "近一天" },
  month: { en: "30 days", zh: "近三十天" },
  span: { en: "Span", zh: "时间范围" },
};

export default function Overview() {
  const t = useWords(words);
  const may = useMay();
  return (
    <>
      <PageHead title={t.title} />
      {may("payments:read") ? <Figures /> : <Empty description={t.nothing} />}
    </>
  );
}

function Figures() {
  const t = useWords(words);
  const [params, setParams] = useSearchParams();
  const asked = params.get("span");
  const span: Span = SPANS.find((one) => one === asked) ?? "hour";
  const targets = api.useQuery("get", "/v1/overview/targets", {}, { refetchInterval: 60_000 });
  const activity = api.useQuery(
    "get",
    "/v1/overview/activity",
    { params: { query: { span } } },
    { refetchInterval: 15_000, placeholderData: (before) => before },
  );
  const error = targets.error ?? activity.error;
  return (
    <>
      {error !== null && <ProblemView problem={error} />}
      <Targets targets={targets.data} />
      <Row gutter={[16, 16]}>
        <Col xs={24} xl={16}>
          <Card
            title={t.flow}
            loading={activity.isPending}
            extra={
              <Segmented
                aria-label={t.span}
                options={SPANS.map((value) => ({ value, label: t[value] }))}
                value={span}
                onChange={(value) => setParams({ span: value }, { replace: true })}
              />
            }
          >
            {activity.data && <Flow activity={activity.data} />}
          </Card>
        </Col>
        <Col xs={24} xl={8}>
          <Card title={t.reasons} loading={activity.isPending}>
            {activity.data && <Reasons reasons={activity.data.reasons} />}
          </Card>
        </Col>
        <Col xs={24} xl={16}>
          <Card title={t.channels} loading={activity.isPending}>
            {activity.data && <Channels channels={activity.data.channels} />}
          </Card>
        </Col>
        <Col xs={24} xl={8}>
          <Card title={t.cases} loading={activity.isPending}>
            {activity.data && <WaitingCases cases={activity.data.cases} />}
          </Card>
        </Col>
      </Row>
    </>
  );
}
