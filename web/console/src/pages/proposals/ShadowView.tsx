// The shadow comparison: what was decided where a watched rule fired, and what would have been.

import { Col, Flex, Row, Statistic } from "antd";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { OUTCOME } from "../../parts/called";
import { Moment } from "../../parts/Moment";
import { decimalOf } from "../../parts/Money";
import { Cells } from "../rules/Cells";

/** As risk/ruling/shadow.py writes it. */
export interface Shadow {
  since: string;
  until: string;
  decided: number;
  fired: number;
  in_rollout: number;
  rollout: number;
  outcomes: ({ now: string; then: string } & Part)[];
  labels: Record<string, Part>;
  other_catalogue: number;
}

interface Part {
  count: number;
  value: Record<string, number>;
}

const words = {
  decided: { en: "Decisions meanwhile", zh: "期间决策" },
  fired: { en: "It fired on", zh: "规则命中" },
  reached: { en: (rollout: number) => `Of payers in the ${rollout}%`, zh: (rollout: number) => `其中属于 ${rollout}% 付款人` },
  other: { en: "Of an older catalogue, not judged", zh: "特征目录不同、未评判" },
  outcomes: { en: "What would have been decided", zh: "决策变化" },
  change: { en: "Decided → would be", zh: "实际 → 若生效" },
  labels: { en: "What these payments were said to be", zh: "这些支付的标签" },
  label: { en: "Label", zh: "标签" },
  count: { en: "Payments", zh: "笔数" },
  value: { en: "Value", zh: "金额" },
  none: { en: "It has not fired.", zh: "规则尚未命中。" },
  NONE: { en: "not told", zh: "未知" },
  FRAUD: { en: "fraud", zh: "欺诈" },
  HONEST: { en: "honest", zh: "正常" },
};

export function ShadowView({ shadow }: { shadow: Shadow }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const outcome = (name: string) => OUTCOME[name]?.[language] ?? name;
  const label = (name: string) => (name === "NONE" || name === "FRAUD" || name === "HONEST" ? t[name] : name);
  const heads = [
    { title: t.decided, value: shadow.decided },
    { title: t.fired, value: shadow.fired },
    { title: t.reached(shadow.rollout), value: shadow.in_rollout },
    { title: t.other, value: shadow.other_catalogue },
  ];
  return (
    <>
      <div style={{ marginBottom: 12 }}>
        <Moment at={shadow.since} /> – <Moment at={shadow.until} />
      </div>
      <Flex wrap gap={32} style={{ marginBottom: 16 }}>
        {heads.map(({ title, value }) => (
          <Statistic key={title} title={title} value={value} />
        ))}
      </Flex>
      <Row gutter={[16, 16]}>
        <Col xs={24} lg={12}>
          <Cells
            title={t.outcomes}
            heads={[t.change, t.count, t.value]}
            rows={shadow.outcomes.map((part) => [`${outcome(part.now)} → ${outcome(part.then)}`, part.count, valueOf(part)])}
            empty={t.none}
          />
        </Col>
        <Col xs={24} lg={12}>
          <Cells
            title={t.labels}
            heads={[t.label, t.count, t.value]}
            rows={Object.entries(shadow.labels).map(([name, part]) => [label(name), part.count, valueOf(part)])}
            empty={t.none}
          />
        </Col>
      </Row>
    </>
  );
}

function valueOf({ value }: Part): string {
  return Object.entries(value)
    .map(([currency, minor]) => `${currency} ${decimalOf(minor, currency)}`)
    .join(" · ");
}
