// Proposing a list, and what a hit on it does.

import type { Schemas } from "@anfu/api";
import { Flex, Form, Input, InputNumber, Select } from "antd";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { GRADE } from "../../parts/StateTag";
import { useAct } from "../../parts/act";
import { FORM, KIND } from "./names";
import { useResult } from "./result";

type Form_ = Schemas["ListForm"];

const words = {
  title: { en: "Propose a list", zh: "提议新名单" },
  name: { en: "Name", zh: "名称" },
  kind: { en: "Kind", zh: "类别" },
  form: { en: "How it is matched", zh: "匹配方式" },
  inputs: { en: "Matched with", zh: "匹配字段" },
  grade: { en: "Grade of a hit", zh: "命中等级" },
  points: { en: "Points", zh: "分值" },
  reason: { en: "Reason code", zh: "原因代码" },
  en: { en: "What a hit says, in English", zh: "命中说明（英文）" },
  zh: { en: "What a hit says, in Chinese", zh: "命中说明（中文）" },
  source: { en: "Source", zh: "来源" },
  owner: { en: "Owner", zh: "负责方" },
  excuses: { en: "Rules it keeps from firing", zh: "不触发的规则" },
  why: { en: "Why", zh: "理由" },
  needed: { en: "Please fill this in", zh: "请填写" },
};
const INPUTS = ["payer", "payee", "card", "device", "address", "terminal", "phone", "mcc", "promotion"];

export function Declare({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const result = useResult();
  const { run, busy } = useAct(api.useMutation("post", "/v1/lists"));
  const options = (names: Record<string, { en: string; zh: string }>) => Object.entries(names).map(([value, label]) => ({ value, label: label[language] }));
  const needed = [{ required: true, message: t.needed }];
  const give = (given: Form_) => run({ body: { ...given, excuses: given.excuses ?? [] } }, (change) => { onClose(); result(change); });
  return (
    <Ask<Form_> title={t.title} open={open} busy={busy} onGive={give} onClose={onClose} first={{ kind: "BLACK", form: "EXACT", grade: "HIGH", points: 80, inputs: ["device"] }}>
      <Form.Item name="name" label={t.name} rules={needed}><Input className="mono" maxLength={64} autoFocus /></Form.Item>
      <Flex gap={12}>
        <Form.Item name="kind" label={t.kind} style={{ flex: 1 }}><Select options={options(KIND)} /></Form.Item>
        <Form.Item name="form" label={t.form} style={{ flex: 2 }}><Select options={options(FORM)} /></Form.Item>
      </Flex>
      <Form.Item name="inputs" label={t.inputs} rules={needed}><Select mode="multiple" options={INPUTS.map((value) => ({ value, label: value }))} /></Form.Item>
      <Flex gap={12}>
        <Form.Item name="grade" label={t.grade} style={{ flex: 1 }}><Select options={options(GRADE)} /></Form.Item>
        <Form.Item name="points" label={t.points}><InputNumber min={0} max={1_000} precision={0} /></Form.Item>
      </Flex>
      <Form.Item name="reason" label={t.reason} rules={needed}><Input className="mono" maxLength={64} /></Form.Item>
      <Form.Item name="zh" label={t.zh} rules={needed}><Input maxLength={200} /></Form.Item>
      <Form.Item name="en" label={t.en} rules={needed}><Input maxLength={200} /></Form.Item>
      <Flex gap={12}>
        <Form.Item name="source" label={t.source} rules={needed} style={{ flex: 1 }}><Input maxLength={200} /></Form.Item>
        <Form.Item name="owner" label={t.owner} rules={needed} style={{ flex: 1 }}><Input maxLength={100} /></Form.Item>
      </Flex>
      <Form.Item name="excuses" label={t.excuses}><Select mode="tags" open={false} suffixIcon={null} /></Form.Item>
      <Form.Item name="why" label={t.why} rules={needed}><Input.TextArea rows={2} maxLength={200} /></Form.Item>
    </Ask>
  );
}
