// The payments of a party, as payer or payee, with what was decided about each.

import type { Schemas } from "@anfu/api";
import { Tag } from "antd";
import { client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { methodName, OUTCOME } from "../../parts/called";
import { calledColumn, idColumn, moneyColumn, momentColumn, stateColumn, textColumn, useOptions } from "../../parts/columns";
import { Choice, useFilters } from "../../parts/filters";
import { ListTable } from "../../parts/ListTable";
import { PAYMENT } from "../../parts/StateTag";

type Payment = Schemas["PaymentDocument"];

const NAMES = ["state"] as const;
const words = {
  at: { en: "At", zh: "时间" },
  payment: { en: "Payment", zh: "支付" },
  payer: { en: "Payer", zh: "付款人" },
  payee: { en: "Payee", zh: "收款人" },
  amount: { en: "Amount", zh: "金额" },
  state: { en: "State", zh: "状态" },
  method: { en: "Method", zh: "支付方式" },
  outcome: { en: "Decision", zh: "风险决策" },
  reasons: { en: "Reasons", zh: "原因" },
  refused: { en: "Refused for", zh: "拒绝原因" },
};

export function Payments({ customer }: { customer: string }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const filters = useFilters(NAMES);
  const states = useOptions(PAYMENT);
  const asked = { party: customer, ...(filters.values as { state?: "SUCCEEDED" }) };
  return (
    <ListTable<Payment>
      name={["/v1/payments", asked]}
      read={(at) => got(client.GET("/v1/payments", { params: { query: { ...at, ...asked } } }))}
      to={({ id }) => `/payments/${id}`}
      columns={[
        momentColumn("at", t.at, ({ created_at }) => created_at),
        idColumn("id", t.payment, ({ id }) => id),
        moneyColumn("amount", t.amount, ({ amount }) => amount),
        stateColumn("state", t.state, ({ state }) => state, PAYMENT),
        stateColumn("outcome", t.outcome, ({ outcome }) => outcome, OUTCOME),
        {
          key: "reasons",
          title: t.reasons,
          text: ({ reasons }) => reasons.join(" "),
          render: ({ reasons }) => reasons.slice(0, 3).map((reason) => <Tag key={reason}>{reason}</Tag>),
        },
        textColumn("refused", t.refused, ({ refusal, failure }) => refusal?.code ?? failure),
        calledColumn("method", t.method, ({ method }) => [method.type], (type) => methodName(type, language)),
        idColumn("payer", t.payer, ({ payer }) => payer),
        idColumn("payee", t.payee, ({ payee }) => payee),
      ]}
      filters={<Choice filters={filters} name="state" label={t.state} options={states} />}
      file={`payments-${customer}`}
    />
  );
}
