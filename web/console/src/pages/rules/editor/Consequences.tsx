// What follows when a condition holds.

import { Flex, Form, Input, InputNumber, Select } from "antd";
import { usePreferences } from "../../../app/preferences";
import { useWords } from "../../../app/words";
import { OUTCOME } from "../../../parts/called";
import type { States } from "../../../parts/StateTag";
import { GRADE } from "../../../parts/StateTag";
import { PURPOSE } from "../names";
import type { Content, Gap } from "./content";

const words = {
  id: { en: "Id", zh: "规则编号" },
  idHelp: { en: "Small letters, digits and _", zh: "小写字母、数字、下划线" },
  grade: { en: "Grade", zh: "风险等级" },
  points: { en: "Points", zh: "分值" },
  reason: { en: "Reason code", zh: "原因代码" },
  reasonHelp: { en: "Capitals, digits and _", zh: "大写字母、数字、下划线" },
  en: { en: "What it says, in English", zh: "英文说明" },
  zh: { en: "What it says, in Chinese", zh: "中文说明" },
  outcome: { en: "At least this outcome", zh: "最低处置" },
  byGrade: { en: "as its grade has it", zh: "按等级" },
  typology: { en: "Typology", zh: "欺诈类型" },
  purpose: { en: "Purpose", zh: "使用目的" },
};

interface ConsequencesProps {
  content: Content;
  gaps: Gap[];
  fixed: boolean;
  onChange: (change: Partial<Content>) => void;
}

export function Consequences({ content, gaps, fixed, onChange }: ConsequencesProps) {
  const t = useWords(words);
  const { language } = usePreferences();
  const options = (states: States) => Object.entries(states).map(([value, label]) => ({ value, label: label[language] }));
  const status = (field: Gap) => (gaps.includes(field) ? "error" : undefined);
  const text = (field: "id" | "reason" | "en" | "zh", help?: string) => (
    <Form.Item label={t[field]} htmlFor={`rule-${field}`} required help={gaps.includes(field) ? help : undefined} validateStatus={status(field)}>
      <Input
        id={`rule-${field}`}
        className={help === undefined ? undefined : "mono"}
        maxLength={help === undefined ? 200 : 64}
        disabled={field === "id" && fixed}
        value={content[field]}
        onChange={(event) => onChange({ [field]: event.target.value })}
      />
    </Form.Item>
  );
  return (
    <Form layout="vertical" component="div">
      {text("id", t.idHelp)}
      <Flex gap={12}>
        <Form.Item label={t.grade} htmlFor="rule-grade" style={{ flex: 1 }}>
          <Select id="rule-grade" options={options(GRADE)} value={content.grade} onChange={(grade) => onChange({ grade })} />
        </Form.Item>
        <Form.Item label={t.points} htmlFor="rule-points" validateStatus={status("points")} style={{ width: 110 }}>
          <InputNumber id="rule-points" min={0} max={1_000} precision={0} value={content.points} onChange={(points) => onChange({ points: points ?? 0 })} style={{ width: "100%" }} />
        </Form.Item>
      </Flex>
      {text("reason", t.reasonHelp)}
      {text("zh")}
      {text("en")}
      <Form.Item label={t.outcome} htmlFor="rule-outcome">
        <Select id="rule-outcome" allowClear placeholder={t.byGrade} options={options(OUTCOME)} value={content.outcome} onChange={(outcome) => onChange({ outcome: outcome ?? null })} />
      </Form.Item>
      <Flex gap={12}>
        <Form.Item label={t.purpose} htmlFor="rule-purpose" style={{ flex: 1 }}>
          <Select id="rule-purpose" options={options(PURPOSE)} value={content.purpose} onChange={(purpose) => onChange({ purpose })} />
        </Form.Item>
        <Form.Item label={t.typology} htmlFor="rule-typology" style={{ flex: 1 }}>
          <Input id="rule-typology" className="mono" maxLength={64} value={content.typology ?? ""} onChange={(event) => onChange({ typology: event.target.value || null })} />
        </Form.Item>
      </Flex>
    </Form>
  );
}
