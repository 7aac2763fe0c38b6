// Refunds, the newest first.

import type { Schemas } from "@anfu/api";
import { client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { methodName } from "../../parts/called";
import { calledColumn, idColumn, momentColumn, moneyColumn, stateColumn, textColumn, useOptions } from "../../parts/columns";
import { Choice, TextFilter, useFilters } from "../../parts/filters";
import { type Column, ListTable } from "../../parts/ListTable";
import { PageHead } from "../../parts/PageHead";
import { AmountFilter, SpanFilter } from "../../parts/SpanFilter";
import { REFUND } from "./names";

type Refund = Schemas["RefundDocument"];

const NAMES = ["state", "payment", "merchant", "from", "until", "least", "most"] as const;
const words = {
  title: { en: "Refunds", zh: "退款" },
  about: {
    en: "Money given back along the way it came; done within 24 hours.",
    zh: "资金原路退回，须在 24 小时内完成。",
  },
  empty: {
    en: "No refund fits. A refund is made on the page of its payment.",
    zh: "没有符合条件的退款。退款在对应支付的页面上发起。",
  },
  refund: { en: "Refund", zh: "退款编号" },
  state: { en: "State", zh: "状态" },
  amount: { en: "Amount", zh: "金额" },
  payment: { en: "Payment", zh: "支付编号" },
  merchant: { en: "Merchant", zh: "商户" },
  method: { en: "Method", zh: "退款方式" },
  reason: { en: "Reason", zh: "退款原因" },
  failure: { en: "Failure", zh: "失败代码" },
  at: { en: "Made", zh: "创建时间" },
  updated: { en: "Last change", zh: "最近变更" },
};

export default function Refunds() {
  const t = useWords(words);
  const { language } = usePreferences();
  const filters = useFilters(NAMES);
  const states = useOptions(REFUND);
  const columns: Column<Refund>[] = [
    idColumn("id", t.refund, ({ id }) => id),
    stateColumn("state", t.state, ({ state }) => state, REFUND),
    moneyColumn("amount", t.amount, ({ amount }) => amount),
    idColumn("payment", t.payment, ({ payment }) => payment),
    idColumn("payee", t.merchant, ({ payee }) => payee),
    calledColumn("method", t.method, ({ method }) => [method], (type) => methodName(type, language)),
    textColumn("reason", t.reason, ({ reason }) => reason),
    textColumn("failure", t.failure, ({ failure }) => failure),
    momentColumn("at", t.at, ({ created_at }) => created_at),
    momentColumn("updated", t.updated, ({ updated_at }) => updated_at),
  ];
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <ListTable
        name={["/v1/refunds", filters.values]}
        read={(at) => got(client.GET("/v1/refunds", { params: { query: { ...at, ...(filters.values as object) } } }))}
        columns={columns}
        to={({ id }) => `/refunds/${id}`}
        filters={
          <>
            <Choice filters={filters} name="state" label={t.state} options={states} />
            <SpanFilter filters={filters} />
            <AmountFilter filters={filters} />
            <TextFilter filters={filters} name="payment" label={t.payment} />
            <TextFilter filters={filters} name="merchant" label={t.merchant} />
          </>
        }
        empty={t.empty}
        file="refunds"
      />
    </>
  );
}
