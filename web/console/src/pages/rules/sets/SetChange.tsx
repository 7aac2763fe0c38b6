// A change of the rule set: rules before and after, and the policy where it moves.

import { Card, Descriptions, Flex, Tag, Typography } from "antd";
import { Link } from "react-router";
import { useWords } from "../../../app/words";
import { RuleChange } from "../RuleChange";
import { Diff } from "../Diff";

const words = {
  fresh: { en: "comes in", zh: "新增" },
  gone: { en: "goes out", zh: "移出" },
  moved: { en: "changes", zh: "变更" },
  policy: { en: "Policy of grades", zh: "分级策略" },
  same: { en: "Both say the same.", zh: "内容完全相同。" },
};

type Form = Record<string, unknown> | null;
type Turn = Record<string, unknown>;

interface SetChangeProps {
  rules: Record<string, Turn>;
  policy: Turn[] | null;
}

export function SetChange({ rules, policy }: SetChangeProps) {
  const t = useWords(words);
  const turns = Object.entries(rules).map(([id, turn]) => ({ id, before: turn.before as Form, after: turn.after as Form }));
  if (turns.length === 0 && policy === null) return <Typography.Text type="secondary">{t.same}</Typography.Text>;
  return (
    <Flex vertical gap={12}>
      {policy !== null && (
        <Card size="small" title={t.policy}>
          <PolicyChange before={policy[0]} after={policy[1]} />
        </Card>
      )}
      {turns.map(({ id, before, after }) => (
        <Card
          key={id}
          size="small"
          title={<Link to={`/rules/${id}`} className="mono">{id}</Link>}
          extra={<Tag>{before === null ? t.fresh : after === null ? t.gone : t.moved}</Tag>}
        >
          <RuleChange before={before} after={after} />
        </Card>
      ))}
    </Flex>
  );
}

function PolicyChange({ before, after }: { before: Turn; after: Turn }) {
  const [old, fresh] = [flat(before), flat(after)];
  const changed = Object.keys(fresh).filter((name) => old[name] !== fresh[name]);
  return (
    <Descriptions
      size="small"
      bordered
      styles={{ label: { width: "22%", minWidth: 76 } }}
      column={1}
      items={changed.map((name) => ({ key: name, label: <span className="mono">{name}</span>, children: <Diff before={old[name] ?? ""} after={fresh[name]} /> }))}
    />
  );
}

/** `{thresholds: {middle: 80}}` as `{"thresholds.middle": "80"}`. */
function flat(policy: Turn): Record<string, string> {
  const parts = Object.entries(policy).flatMap(([group, values]) =>
    Object.entries(values as object).map(([name, value]) => [`${group}.${name}`, String(value)] as const),
  );
  return Object.fromEntries(parts);
}
