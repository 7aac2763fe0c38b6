// A rule before and after, field by field; only what differs.

import { Descriptions, Typography } from "antd";
import { useWords } from "../../app/words";
import { Diff } from "./Diff";

const words = {
  id: { en: "Id", zh: "规则编号" },
  condition: { en: "Condition", zh: "条件" },
  grade: { en: "Grade", zh: "风险等级" },
  points: { en: "Points", zh: "分值" },
  reason: { en: "Reason code", zh: "原因代码" },
  en: { en: "English", zh: "英文说明" },
  zh: { en: "Chinese", zh: "中文说明" },
  outcome: { en: "At least", zh: "最低处置" },
  typology: { en: "Typology", zh: "欺诈类型" },
  purpose: { en: "Purpose", zh: "使用目的" },
  state: { en: "State", zh: "状态" },
  rollout: { en: "Share of payers, %", zh: "付款人占比 %" },
  same: { en: "Nothing differs.", zh: "没有差异。" },
};
const FIELDS = ["state", "rollout", "condition", "grade", "points", "outcome", "reason", "zh", "en", "purpose", "typology"] as const;

type Form = Record<string, unknown> | null;

export function RuleChange({ before, after }: { before: Form; after: Form }) {
  const t = useWords(words);
  const text = (form: Form, field: string) => String(form?.[field] ?? "");
  const changed = FIELDS.filter((field) => text(before, field) !== text(after, field));
  if (changed.length === 0) return <Typography.Text type="secondary">{t.same}</Typography.Text>;
  return (
    <Descriptions
      size="small"
      column={1}
      bordered
      styles={{ label: { width: "22%", minWidth: 76 } }}
      items={changed.map((field) => ({
        key: field,
        label: t[field],
        children: <Diff before={text(before, field)} after={text(after, field)} mono={field === "condition"} />,
      }))}
    />
  );
}
