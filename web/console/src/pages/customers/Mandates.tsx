// What a customer lets merchants draw without a proof.

import type { Schemas } from "@anfu/api";
import { api } from "../../app/client";
import { useWords } from "../../app/words";
import { idColumn, moneyColumn, momentColumn, stateColumn, textColumn } from "../../parts/columns";
import { Section } from "../../parts/Section";
import { MANDATE } from "./names";

const words = {
  title: { en: "Mandates", zh: "免密授权" },
  none: { en: "The customer lets no merchant draw without a proof.", zh: "客户未向任何商户授权免密支付。" },
  merchant: { en: "Merchant", zh: "商户" },
  purpose: { en: "For", zh: "用途" },
  state: { en: "State", zh: "状态" },
  per_payment: { en: "One payment", zh: "单笔限额" },
  per_day: { en: "A day", zh: "单日限额" },
  per_month: { en: "A month", zh: "单月限额" },
  agreed: { en: "Agreed", zh: "同意时间" },
  ends: { en: "Ends", zh: "到期时间" },
  ended: { en: "Ended", zh: "终止时间" },
  device: { en: "From the device", zh: "限定设备" },
};

export function Mandates({ customer }: { customer: string }) {
  const t = useWords(words);
  const { data, error } = api.useQuery("get", "/v1/customers/{customer}/mandates", { params: { path: { customer } } });
  return (
    <Section<Schemas["MandateDocument"]>
      title={t.title}
      rows={data?.data}
      error={error}
      of={({ id }) => id}
      empty={t.none}
      columns={[
        idColumn("merchant", t.merchant, ({ merchant }) => merchant),
        textColumn("purpose", t.purpose, ({ purpose }) => purpose),
        stateColumn("state", t.state, ({ state }) => state, MANDATE),
        moneyColumn("per_payment", t.per_payment, ({ per_payment }) => per_payment),
        moneyColumn("per_day", t.per_day, ({ per_day }) => per_day),
        moneyColumn("per_month", t.per_month, ({ per_month }) => per_month),
        momentColumn("agreed", t.agreed, ({ agreed_at }) => agreed_at),
        momentColumn("ends", t.ends, ({ ends_at }) => ends_at),
        momentColumn("ended", t.ended, ({ ended_at }) => ended_at),
        idColumn("device", t.device, ({ device }) => device),
      ]}
    />
  );
}
