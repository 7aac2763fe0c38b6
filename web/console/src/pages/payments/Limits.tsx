// The limits that bound a payment, each with its law and what is left.

import { Alert, Flex, Progress, Typography } from "antd";
import { useSay, useWords } from "../../app/words";
import { Money } from "../../parts/Money";
import { StateTag } from "../../parts/StateTag";

interface Limit {
  rule: string;
  law: string | null;
  article: string | null;
  title: { en: string; zh: string };
  metric: string;
  limit: number;
  used: number;
  left: number;
  broken: boolean;
}

export interface LimitsData {
  used_as_of: string;
  rules: Limit[];
  refusal: { code: string } | null;
}

const STATE = {
  bad: { look: "bad", en: "Would be passed", zh: "将超出" },
} as const;
const words = {
  used: { en: "Used now / at most", zh: "已用 / 上限" },
  left: { en: "Left", zh: "剩余" },
  none: { en: "No limit bounds such a payment.", zh: "该类支付无适用限额。" },
  refused: { en: "Refused", zh: "拒绝原因" },
};

export function Limits({ data, currency }: { data: LimitsData; currency: string }) {
  const t = useWords(words);
  return (
    <>
      {data.refusal && <Alert type="error" showIcon title={`${t.refused}: ${data.refusal.code}`} style={{ marginBlock: 6 }} />}
      {data.rules.length === 0 && <Typography.Text type="secondary">{t.none}</Typography.Text>}
      <ul className="limits">
        {data.rules.map((rule) => (
          <Bound key={rule.rule} rule={rule} currency={currency} />
        ))}
      </ul>
    </>
  );
}

function Bound({ rule, currency }: { rule: Limit; currency: string }) {
  const t = useWords(words);
  const say = useSay();
  const figure = (value: number) => (rule.metric.endsWith("_count") ? value : <Money minor={value} currency={currency} />);
  const title = say(rule.title.en, rule.title.zh);
  return (
    <li>
      <div>
        {title}{" "}
        <Typography.Text type="secondary">{[rule.law, rule.article].filter(Boolean).join(" ")}</Typography.Text>
      </div>
      <Progress
        percent={rule.limit === 0 ? 100 : Math.min(100, Math.round((rule.used / rule.limit) * 100))}
        size="small"
        status={rule.broken ? "exception" : "normal"}
        aria-label={title}
      />
      <Flex wrap gap={16} align="center">
        <span>
          {t.used} {figure(rule.used)} / {figure(rule.limit)}
        </span>
        <span>
          {t.left} {figure(rule.left)}
        </span>
        {rule.broken && <StateTag state="bad" states={STATE} />}
      </Flex>
    </li>
  );
}
