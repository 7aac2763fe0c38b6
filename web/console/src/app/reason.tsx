// Whoever of the staff reads personal data says why; the reason goes with each request of the page.

import { Button, Card, Flex, Form, Input, Tag } from "antd";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { kept } from "./client";
import { useWords } from "./words";

const words = {
  title: { en: "Why do you read this?", zh: "您为什么查看？" },
  about: {
    en: "This page shows personal data. Your reason is written to the access log beside what you read.",
    zh: "本页含有个人信息。您的理由将与查看内容一并记入访问日志。",
  },
  reason: { en: "Reason", zh: "理由" },
  go: { en: "Continue", zh: "继续" },
  missing: { en: "Write a reason of 2 to 200 characters", zh: "请填写理由，2 至 200 个字" },
  usual: {
    en: () => ["Review of a case", "A customer's question", "Inspection", "An order of the authorities"],
    zh: () => ["案件审核", "客户咨询", "合规检查", "有权机关要求"],
  },
};

const Context = createContext<{ reason: string | null; ask: () => void } | null>(null);

/** Holds the reason for as long as one page is open. */
export function ReasonGate({ children }: { children: ReactNode }) {
  const [reason, setReason] = useState(kept.reason);
  const [asked, ask] = useState(false);
  useEffect(() => {
    kept.reason = reason;
  }, [reason]);
  const give = (given: string) => {
    kept.reason = given;
    setReason(given);
    ask(false);
  };
  return (
    <Context value={{ reason, ask: () => ask(true) }}>
      {asked && reason === null ? <Question onGive={give} /> : children}
    </Context>
  );
}

/** The reason for reading personal data, or null: the page then asks for it and is drawn anew. */
export function useReason(): string | null {
  const held = useContext(Context);
  if (held === null) throw new Error("useReason outside ReasonGate");
  const { reason, ask } = held;
  useEffect(() => {
    if (reason === null) ask();
  });
  return reason;
}

function Question({ onGive }: { onGive: (reason: string) => void }) {
  const t = useWords(words);
  const [form] = Form.useForm<{ reason: string }>();
  return (
    <Card title={t.title} style={{ maxWidth: 560, margin: "8vh auto" }}>
      <Form form={form} layout="vertical" onFinish={({ reason }) => onGive(reason.trim())}>
        <p>{t.about}</p>
        <Flex wrap gap={8} style={{ marginBottom: 12 }}>
          {t.usual().map((usual) => (
            <Tag.CheckableTag key={usual} checked={false} onChange={() => onGive(usual)}>
              {usual}
            </Tag.CheckableTag>
          ))}
        </Flex>
        <Form.Item
          name="reason"
          label={t.reason}
          rules={[{ required: true, whitespace: true, min: 2, max: 200, message: t.missing }]}
        >
          <Input autoFocus maxLength={200} />
        </Form.Item>
        <Button type="primary" htmlType="submit">
          {t.go}
        </Button>
      </Form>
    </Card>
  );
}
