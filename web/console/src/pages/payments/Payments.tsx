// Payments, the newest first, by whatever is known of them.

import type { Schemas } from "@anfu/api";
import { FilterOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { methodName } from "../../parts/called";
import { calledColumn, idColumn, momentColumn, moneyColumn, stateColumn, textColumn, useOptions } from "../../parts/columns";
import { Choice, type Filters, TextFilter, useFilters } from "../../parts/filters";
import { type Column, ListTable } from "../../parts/ListTable";
import { PageHead } from "../../parts/PageHead";
import { AmountFilter, SpanFilter } from "../../parts/SpanFilter";
import { PAYMENT } from "../../parts/StateTag";
import { SCENE } from "./names";

type Payment = Schemas["PaymentDocument"];

const RARE = ["method", "payer", "payee", "party", "channel", "scene", "reason"] as const;
const NAMES = ["state", "order", "from", "until", "least", "most", ...RARE] as const;
const words = {
  title: { en: "Payments", zh: "支付" },
  empty: {
    en: "No payment fits. Loosen the filters; payments appear here as merchants order them.",
    zh: "没有符合条件的支付。可放宽筛选条件；商户下单后会显示在此。",
  },
  payment: { en: "Payment", zh: "支付编号" },
  state: { en: "State", zh: "状态" },
  amount: { en: "Amount", zh: "金额" },
  refunded: { en: "Refunded", zh: "已退金额" },
  method: { en: "Method", zh: "支付方式" },
  channel: { en: "Channel", zh: "渠道" },
  scene: { en: "Scene", zh: "收款场景" },
  payer: { en: "Payer", zh: "付款方" },
  payee: { en: "Payee", zh: "收款方" },
  party: { en: "Payer or payee", zh: "付款方或收款方" },
  order: { en: "Merchant's order", zh: "商户订单号" },
  reason: { en: "Reason code", zh: "原因代码" },
  at: { en: "Made", zh: "创建时间" },
  more: { en: "More filters", zh: "更多筛选" },
};

export default function Payments() {
  const t = useWords(words);
  const { language } = usePreferences();
  const filters = useFilters(NAMES);
  const columns: Column<Payment>[] = [
    idColumn("id", t.payment, ({ id }) => id),
    momentColumn("at", t.at, ({ created_at }) => created_at),
    stateColumn("state", t.state, ({ state }) => state, PAYMENT),
    moneyColumn("amount", t.amount, ({ amount }) => amount),
    moneyColumn("refunded", t.refunded, ({ refunded }) => (refunded === 0 ? null : refunded)),
    calledColumn("method", t.method, waysOf, (way) => methodName(way, language)),
    textColumn("scene", t.scene, ({ method }) => method.scene && SCENE[method.scene][language]),
    idColumn("payer", t.payer, ({ payer }) => payer),
    idColumn("payee", t.payee, ({ payee }) => payee),
    textColumn("order", t.order, ({ order }) => order),
    textColumn("reason", t.reason, ({ failure, refusal, reasons }) => failure ?? refusal?.code ?? reasons[0]),
  ];
  return (
    <>
      <PageHead title={t.title} />
      <ListTable
        name={["/v1/payments", filters.values]}
        read={(at) =>
          // What the address says the API checks, and says what is wrong with it.
          got(client.GET("/v1/payments", { params: { query: { ...at, ...(filters.values as object) } } }))
        }
        columns={columns}
        to={({ id }) => `/payments/${id}`}
        filters={<PaymentFilters filters={filters} />}
        empty={t.empty}
        file="payments"
      />
    </>
  );
}

/** The method, and the channel where routes have chosen one. */
function waysOf({ method, channel }: Payment): string[] {
  return [...new Set([method.type, channel ?? method.type])];
}

function PaymentFilters({ filters }: { filters: Filters }) {
  const t = useWords(words);
  const [more, setMore] = useState(RARE.some((name) => filters.values[name] !== undefined));
  const states = useOptions(PAYMENT);
  const scenes = useOptions(SCENE);
  return (
    <>
      <Choice filters={filters} name="state" label={t.state} options={states} />
      <SpanFilter filters={filters} />
      <AmountFilter filters={filters} />
      <TextFilter filters={filters} name="order" label={t.order} />
      {more ? (
        <>
          <TextFilter filters={filters} name="method" label={t.method} />
          <TextFilter filters={filters} name="channel" label={t.channel} />
          <Choice filters={filters} name="scene" label={t.scene} options={scenes} />
          <TextFilter filters={filters} name="reason" label={t.reason} />
          <TextFilter filters={filters} name="payer" label={t.payer} />
          <TextFilter filters={filters} name="payee" label={t.payee} />
          <TextFilter filters={filters} name="party" label={t.party} />
        </>
      ) : (
        <Button icon={<FilterOutlined />} onClick={() => setMore(true)}>
          {t.more}
        </Button>
      )}
    </>
  );
}
