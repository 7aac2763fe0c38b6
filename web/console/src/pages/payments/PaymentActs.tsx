// What staff may do with a payment: refund it; let a held one go on, or end it.

import type { Schemas } from "@anfu/api";
import { Button, Form, Input, Radio } from "antd";
import { useState } from "react";
import { api } from "../../app/client";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { decimalOf, minorOf } from "../../parts/Money";

type Payment = Schemas["PaymentDocument"];
type Wanted = "refund" | "release" | "reject" | null;

const words = {
  refund: { en: "Refund", zh: "退款" },
  refunded: { en: "The refund is on its way", zh: "退款已发起" },
  release: { en: "Release", zh: "放行" },
  reject: { en: "Reject", zh: "拒绝" },
  how: { en: "How much", zh: "退款金额" },
  whole: { en: (left: string) => `All that is left: ${left}`, zh: (left: string) => `全部剩余：${left}` },
  part: { en: "A part", zh: "部分" },
  amount: { en: "Amount", zh: "金额" },
  wrong: { en: (left: string) => `More than zero, at most ${left}`, zh: (left: string) => `须大于零，且不超过 ${left}` },
  reason: { en: "Reason", zh: "退款原因" },
  note: { en: "Note", zh: "备注" },
  missing: { en: "Say why", zh: "请填写原因" },
};

interface Refunding {
  how: "whole" | "part";
  amount?: string;
  reason: string;
}

export function PaymentActs({ payment }: { payment: Payment }) {
  const t = useWords(words);
  const may = useMay();
  const [wanted, setWanted] = useState<Wanted>(null);
  const close = () => setWanted(null);
  const refundable = payment.state === "SUCCEEDED" && payment.refunded < payment.amount && may("refunds:write");
  const held = payment.state === "IN_REVIEW" && may("reviews:write");
  return (
    <>
      {refundable && <Button onClick={() => setWanted("refund")}>{t.refund}</Button>}
      {held && (
        <>
          <Button type="primary" onClick={() => setWanted("release")}>
            {t.release}
          </Button>
          <Button danger onClick={() => setWanted("reject")}>
            {t.reject}
          </Button>
        </>
      )}
      {refundable && <Refund payment={payment} open={wanted === "refund"} onClose={close} />}
      {held && (wanted === "release" || wanted === "reject") && <Dispose payment={payment} how={wanted} onClose={close} />}
    </>
  );
}

function Refund({ payment, open, onClose }: { payment: Payment; open: boolean; onClose: () => void }) {
  const t = useWords(words);
  const { run, busy } = useAct(api.useMutation("post", "/v1/refunds"), t.refunded);
  const left = payment.amount - payment.refunded;
  const { currency } = payment;
  const shown = `${currency} ${decimalOf(left, currency)}`;
  const fits = (typed: string | undefined) => {
    const minor = minorOf(typed ?? "", currency);
    return minor !== null && minor > 0 && minor <= left;
  };
  const give = ({ how, amount, reason }: Refunding) => {
    const part = how === "part" ? minorOf(amount ?? "", currency) : null;
    run({ body: { payment: payment.id, amount: part, reason } }, onClose);
  };
  return (
    <Ask<Refunding> title={t.refund} open={open} busy={busy} first={{ how: "whole" }} onClose={onClose} onGive={give}>
      <Form.Item name="how" label={t.how}>
        <Radio.Group
          vertical
          options={[
            { value: "whole", label: t.whole(shown) },
            { value: "part", label: t.part },
          ]}
        />
      </Form.Item>
      <Form.Item noStyle dependencies={["how"]}>
        {({ getFieldValue }) =>
          getFieldValue("how") === "part" && (
            <Form.Item
              name="amount"
              label={`${t.amount} (${currency})`}
              rules={[{ validator: (_, typed) => (fits(typed) ? Promise.resolve() : Promise.reject(new Error(t.wrong(shown)))) }]}
            >
              <Input inputMode="decimal" autoFocus />
            </Form.Item>
          )
        }
      </Form.Item>
      <Form.Item name="reason" label={t.reason} rules={[{ required: true, whitespace: true, message: t.missing }]}>
        <Input maxLength={128} />
      </Form.Item>
    </Ask>
  );
}

function Dispose({ payment, how, onClose }: { payment: Payment; how: "release" | "reject"; onClose: () => void }) {
  const t = useWords(words);
  const release = useAct(api.useMutation("post", "/v1/payments/{payment}/release"), t.release);
  const reject = useAct(api.useMutation("post", "/v1/payments/{payment}/reject"), t.reject);
  const { run, busy } = how === "release" ? release : reject;
  return (
    <Ask<{ note: string }>
      title={t[how]}
      open
      danger={how === "reject"}
      busy={busy}
      onClose={onClose}
      onGive={(body) => run({ params: { path: { payment: payment.id } }, body }, onClose)}
    >
      <Form.Item name="note" label={t.note} rules={[{ required: true, whitespace: true, message: t.missing }]}>
        <Input.TextArea rows={3} maxLength={128} autoFocus />
      </Form.Item>
    </Ask>
  );
}
