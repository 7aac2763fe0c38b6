// Who a customer is: masked, each field shown in clear for a reason that is kept.

import type { Schemas } from "@anfu/api";
import { EyeOutlined } from "@ant-design/icons";
import { Alert, Button, Card, Descriptions, Form, Input, Typography } from "antd";
import { useState } from "react";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { Moment } from "../../parts/Moment";
import { DOCUMENTS, type Field, FIELDS } from "./names";

const words = {
  document: { en: "Document", zh: "证件类型" },
  since: { en: "Since", zh: "开户时间" },
  reference: { en: "Opener's own number", zh: "开户方编号" },
  reveal: { en: "Show in clear", zh: "查看明文" },
  why: { en: "Why it must be seen", zh: "查看原因" },
  about: {
    en: "Who looked, at what and why is kept and stands on this page. The field is shown until you leave it.",
    zh: "查看人、字段与原因将被留存并在本页公示；离开本页后恢复掩码。",
  },
  needed: { en: "Write a reason", zh: "请填写原因" },
};

export function Profile({ customer }: { customer: Schemas["CustomerDocument"] }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const { type, number } = customer.document;
  const field = (name: Field, masked: string) => ({
    key: name,
    label: FIELDS[name][language],
    children: <Shown customer={customer.id} field={name} masked={masked} />,
  });
  return (
    <Card size="small" style={{ marginBottom: 8 }}>
      <Descriptions
        size="small"
        column={{ xs: 1, sm: 2, lg: 3 }}
        items={[
          field("name", customer.name),
          field("phone", customer.phone),
          field("document_number", number),
          { key: "type", label: t.document, children: DOCUMENTS[type]?.[language] ?? type },
          { key: "since", label: t.since, children: <Moment at={customer.created_at} /> },
          { key: "reference", label: t.reference, children: customer.reference ?? "—" },
        ]}
      />
    </Card>
  );
}

function Shown({ customer, field, masked }: { customer: string; field: Field; masked: string }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const may = useMay();
  const [asked, setAsked] = useState(false);
  const [clear, setClear] = useState<string | null>(null);
  const { run, busy } = useAct(api.useMutation("post", "/v1/customers/{customer}/reveal"));
  const name = FIELDS[field][language];
  if (clear !== null)
    return (
      <Typography.Text strong className="mono" data-clear={field}>
        {clear}
      </Typography.Text>
    );
  return (
    <>
      <span className="mono" style={{ alignSelf: "center" }}>
        {masked}
      </span>
      {may("personal:reveal") && (
        <Button
          type="text"
          size="small"
          icon={<EyeOutlined />}
          aria-label={`${t.reveal}: ${name}`}
          title={t.reveal}
          onClick={() => setAsked(true)}
        />
      )}
      <Ask<{ reason: string }>
        title={`${t.reveal}: ${name}`}
        open={asked}
        busy={busy}
        onClose={() => setAsked(false)}
        onGive={({ reason }) =>
          run({ params: { path: { customer } }, body: { field, reason } }, ({ value }) => {
            setAsked(false);
            setClear(value);
          })
        }
      >
        <Alert type="info" showIcon title={t.about} style={{ marginBottom: 12 }} />
        <Form.Item name="reason" label={t.why} rules={[{ required: true, whitespace: true, message: t.needed }]}>
          <Input maxLength={200} autoFocus />
        </Form.Item>
      </Ask>
    </>
  );
}
