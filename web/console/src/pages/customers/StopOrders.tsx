// Orders of the police to stop payment from an account: 48 hours each, two at most.

import type { Schemas } from "@anfu/api";
import { Alert, Button, Form, Input } from "antd";
import { useState } from "react";
import { api } from "../../app/client";
import { clockNow } from "../../app/clock";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { momentColumn, numberColumn, stateColumn, textColumn } from "../../parts/columns";
import { Section } from "../../parts/Section";
import type { States } from "../../parts/StateTag";

type Order = Schemas["StopOrderDocument"];

const MOST = 2;
const STATES: States = {
  FORCE: { look: "bad", en: "In force", zh: "止付中" },
  OVER: { look: "over", en: "Over", zh: "已到期" },
};
const words = {
  title: { en: "Stop orders of the police", zh: "公安机关紧急止付" },
  none: { en: "No order was ever made on this account.", zh: "该账户从未被止付。" },
  number: { en: "No.", zh: "次数" },
  state: { en: "State", zh: "状态" },
  authority: { en: "Authority", zh: "止付机关" },
  reference: { en: "Number of the order", zh: "文书编号" },
  starts: { en: "From", zh: "起始时间" },
  ends: { en: "Until", zh: "截止时间" },
  enter: { en: "Enter a stop order", zh: "登记止付指令" },
  about: {
    en: "At once and for 48 hours nothing leaves the account; it ends by itself. Two orders at most (银发〔2016〕86号 二(一)2).",
    zh: "立即生效，48 小时内账户只收不付，到期自动解除；同一账户最多两次（银发〔2016〕86号 二(一)2）。",
  },
  needed: { en: "Please fill this in", zh: "请填写" },
};

export function StopOrders({ customer }: { customer: string }) {
  const t = useWords(words);
  const may = useMay();
  const path = { customer };
  const { data, error } = api.useQuery("get", "/v1/customers/{customer}/stop_orders", { params: { path } });
  const room = data !== undefined && data.data.length < MOST;
  return (
    <Section<Order>
      title={t.title}
      extra={may("stop_orders:write") && room && <Enter customer={customer} />}
      rows={data?.data}
      error={error}
      of={({ id }) => id}
      empty={t.none}
      columns={[
        numberColumn("number", t.number, ({ number }) => number),
        stateColumn("state", t.state, stateOf, STATES),
        textColumn("authority", t.authority, ({ authority }) => authority),
        textColumn("reference", t.reference, ({ reference }) => reference),
        momentColumn("starts", t.starts, ({ starts_at }) => starts_at),
        momentColumn("ends", t.ends, ({ ends_at }) => ends_at),
      ]}
    />
  );
}

function stateOf({ ends_at }: Order): keyof typeof STATES {
  return Date.parse(ends_at) > clockNow() ? "FORCE" : "OVER";
}

function Enter({ customer }: { customer: string }) {
  const t = useWords(words);
  const [open, setOpen] = useState(false);
  const { run, busy } = useAct(api.useMutation("post", "/v1/customers/{customer}/stop_orders"));
  return (
    <>
      <Button danger onClick={() => setOpen(true)}>
        {t.enter}
      </Button>
      <Ask<Schemas["StopOrderForm"]>
        title={t.enter}
        open={open}
        busy={busy}
        danger
        onClose={() => setOpen(false)}
        onGive={(body) => run({ params: { path: { customer } }, body }, () => setOpen(false))}
      >
        <Alert type="warning" showIcon title={t.about} style={{ marginBottom: 12 }} />
        <Form.Item name="authority" label={t.authority} rules={[{ required: true, whitespace: true, message: t.needed }]}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="reference" label={t.reference} rules={[{ required: true, whitespace: true, message: t.needed }]}>
          <Input maxLength={100} />
        </Form.Item>
      </Ask>
    </>
  );
}
