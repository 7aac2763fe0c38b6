// From which score on a grade is given, and what follows from it; other figures are a proposal.

import type { Schemas } from "@anfu/api";
import { EditOutlined, ExperimentOutlined } from "@ant-design/icons";
import { Button, Card, Flex, Form, Input, InputNumber, Select, Table } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api } from "../../../app/client";
import { usePreferences } from "../../../app/preferences";
import { useMay } from "../../../app/session";
import { useWords } from "../../../app/words";
import { OUTCOME } from "../../../parts/called";
import { Ask } from "../../../parts/Ask";
import { useAct } from "../../../parts/act";
import { GRADE, StateTag } from "../../../parts/StateTag";
import { StartBacktest } from "../backtests/StartBacktest";

const words = {
  title: { en: "Policy of grades", zh: "分级策略" },
  rules: { en: (count: number) => `${count} rules in the set`, zh: (count: number) => `集内规则 ${count} 条` },
  grade: { en: "Grade", zh: "风险等级" },
  from: { en: "From a score of", zh: "起始分值" },
  outcome: { en: "What follows", zh: "处置" },
  propose: { en: "Propose other figures", zh: "提议调整" },
  test: { en: "Back-test other figures", zh: "回测调整方案" },
  next: { en: "Back-test", zh: "回测" },
  why: { en: "Why", zh: "理由" },
  needed: { en: "Please fill this in", zh: "请填写" },
  sent: { en: "Proposed: it takes a back-test and a second person", zh: "已提议，需附回测并由第二人决定" },
};

const GRADES = ["LOW", "MIDDLE", "GENERAL", "HIGH"] as const;
type Form_ = { thresholds: { middle: number; general: number; high: number }; outcomes: Schemas["RuleSetDocument"]["outcomes"]; why: string };

export function Policy({ now }: { now: Schemas["RuleSetDocument"] }) {
  const t = useWords(words);
  const may = useMay();
  const go = useNavigate();
  const [asked, ask] = useState<"propose" | "test" | null>(null);
  const [wish, setWish] = useState<Omit<Form_, "why"> | null>(null);
  const { run, busy } = useAct(api.useMutation("post", "/v1/rule_sets/policy"), t.sent);
  const give = ({ why, ...figures }: Form_) => {
    if (asked === "propose") run({ body: { ...figures, why } }, ({ id }) => void go(`/proposals/${id}`));
    else setWish(figures);
  };
  const rows = GRADES.map((grade) => ({ grade, from: grade === "LOW" ? 0 : now.thresholds[grade.toLowerCase()], outcome: now.outcomes[grade] }));
  return (
    <Card
      size="small"
      title={t.title}
      extra={
        <Flex gap={8} wrap>
          {may("backtests:write") && <Button size="small" icon={<ExperimentOutlined />} onClick={() => ask("test")}>{t.test}</Button>}
          {may("rules:write") && <Button size="small" icon={<EditOutlined />} onClick={() => ask("propose")}>{t.propose}</Button>}
        </Flex>
      }
    >
      <Table
        size="small"
        rowKey="grade"
        pagination={false}
        dataSource={rows}
        style={{ maxWidth: 560 }}
        footer={() => t.rules(now.rules.length)}
        columns={[
          { title: t.grade, render: (_, { grade }) => <StateTag state={grade} states={GRADE} /> },
          { title: t.from, align: "right", className: "number", render: (_, { from }) => from },
          { title: t.outcome, render: (_, { outcome }) => <StateTag state={outcome ?? ""} states={OUTCOME} /> },
        ]}
      />
      <Ask<Form_>
        title={asked === "test" ? t.test : t.propose}
        open={asked !== null && wish === null}
        busy={busy}
        onGive={give}
        onClose={() => ask(null)}
        first={{ thresholds: now.thresholds as Form_["thresholds"] /* these three */, outcomes: now.outcomes }}
      >
        <Figures />
        {asked === "propose" && (
          <Form.Item name="why" label={t.why} rules={[{ required: true, whitespace: true, message: t.needed }]}>
            <Input.TextArea maxLength={200} rows={2} />
          </Form.Item>
        )}
      </Ask>
      <StartBacktest open={wish !== null} onClose={() => setWish(null)} wish={wish ?? {}} />
    </Card>
  );
}

function Figures() {
  const t = useWords(words);
  const { language } = usePreferences();
  const options = Object.entries(OUTCOME).map(([value, label]) => ({ value, label: label[language] }));
  return GRADES.map((grade) => (
    <Flex key={grade} gap={12} align="end">
      <div style={{ width: 90, paddingBottom: 28 }}>
        <StateTag state={grade} states={GRADE} />
      </div>
      {grade !== "LOW" && (
        <Form.Item name={["thresholds", grade.toLowerCase()]} label={t.from} rules={[{ required: true, message: t.needed }]}>
          <InputNumber min={1} max={1_000_000} precision={0} />
        </Form.Item>
      )}
      <Form.Item name={["outcomes", grade]} label={t.outcome} style={{ flex: 1 }}>
        <Select disabled={grade === "LOW"} options={options} />
      </Form.Item>
    </Flex>
  ));
}
