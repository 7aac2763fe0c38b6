// The institution's targets against today and thirty days, with what each is counted from.

import type { Schemas } from "@anfu/api";
import { CheckCircleFilled, InfoCircleOutlined, MinusCircleOutlined, WarningFilled } from "@ant-design/icons";
import { Button, Card, Flex, Popover, Skeleton, Typography } from "antd";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { Moment } from "../../parts/Moment";
import "./targets.css";

type Target = Schemas["TargetDocument"];

const NAMES: Record<Target["name"], { en: string; zh: string }> = {
  fraud_value: { en: "Fraud rate, by value", zh: "欺诈率（金额）" },
  fraud_count: { en: "Fraud rate, by count", zh: "欺诈率（笔数）" },
  success: { en: "Success rate", zh: "支付成功率" },
  obligations: { en: "Obligations met", zh: "合规义务达成" },
  satisfaction: { en: "Satisfaction", zh: "付款人满意度" },
  response: { en: "First response", zh: "首次响应" },
  refunds: { en: "Refunds in time", zh: "退款及时率" },
};

const words = {
  today: { en: "Today", zh: "今日" },
  month: { en: "30 days", zh: "三十天" },
  target: { en: "Target", zh: "目标" },
  met: { en: "met", zh: "达标" },
  missed: { en: "missed", zh: "未达标" },
  no_catalogue: { en: "No catalogue of obligations is loaded", zh: "尚未载入合规义务目录" },
  no_feedback: { en: "No feedback yet", zh: "暂无反馈" },
  nothing_counted: { en: "Nothing to count yet", zh: "暂无可统计数据" },
  drawn: { en: "Drawn up", zh: "统计时间" },
  definition: { en: "How it is counted", zh: "统计口径" },
};

export function Targets({ targets }: { targets: Schemas["TargetsDocument"] | undefined }) {
  const t = useWords(words);
  if (targets === undefined) return <Skeleton active paragraph={{ rows: 2 }} />;
  const month = new Map(targets.month.targets.map((one) => [one.name, one]));
  return (
    <div className="targets">
      {targets.today.targets.map((one) => (
        <Tile key={one.name} today={one} month={month.get(one.name) ?? one} />
      ))}
      <Typography.Text type="secondary" className="drawn">
        {t.drawn} <Moment at={targets.drawn_at} />
      </Typography.Text>
    </div>
  );
}

function Tile({ today, month }: { today: Target; month: Target }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const name = NAMES[today.name][language];
  const definition = today.definition[language];
  const bound = `${today.target.operator === "le" ? "≤" : "≥"} ${written(today.target.value, today)}`;
  return (
    <Card size="small" className="target">
      <Flex justify="space-between" align="center" gap={4}>
        <Typography.Text strong>{name}</Typography.Text>
        <Popover title={t.definition} content={<div style={{ maxWidth: 360 }}>{definition}</div>} trigger={["hover", "click", "focus"]}>
          <Button type="text" size="small" icon={<InfoCircleOutlined />} aria-label={`${t.definition}: ${name}`} />
        </Popover>
      </Flex>
      <Typography.Text type="secondary" style={{ fontSize: 12 }}>
        {t.target} {bound}
      </Typography.Text>
      <Figure label={t.month} target={month} />
      <Figure label={t.today} target={today} />
    </Card>
  );
}

function Figure({ label, target }: { label: string; target: Target }) {
  const t = useWords(words);
  const { value, met, missing, numerator, denominator } = target;
  const sign =
    met === null ? (
      <MinusCircleOutlined />
    ) : met ? (
      <CheckCircleFilled className="met" aria-label={t.met} />
    ) : (
      <WarningFilled className="missed" aria-label={t.missed} />
    );
  const counted = numerator === null || denominator === null ? undefined : `${numerator} / ${denominator}`;
  return (
    <div className="figure" title={value === null ? t[missing ?? "nothing_counted"] : counted}>
      <Typography.Text type="secondary">{label}</Typography.Text>
      <span className="number">
        {value === null ? "—" : written(value, target)} {sign}
      </span>
    </div>
  );
}

function written(value: number, { target, name }: Target): string {
  if (target.unit === "s") return value < 120 ? `${Math.round(value)} s` : `${Math.round(value / 60)} min`;
  return `${(value * 100).toFixed(name.startsWith("fraud") ? 3 : 1)} %`;
}
