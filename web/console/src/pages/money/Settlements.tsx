// What merchants have earned, what was kept, what is paid out.

import type { Schemas } from "@anfu/api";
import { Drawer, Descriptions, Typography } from "antd";
import { useState } from "react";
import { client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { idColumn, moneyColumn, textColumn } from "../../parts/columns";
import { TextFilter, useFilters } from "../../parts/filters";
import { type Column, ListTable } from "../../parts/ListTable";
import { Money } from "../../parts/Money";
import { Moment } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";
import { CYCLES, WITHHELD } from "./names";

type Settlement = Schemas["anfu.entrypoints.api.settlements.SettlementDocument"];

const NAMES = ["merchant"] as const;
const SUMS = [
  "carried_in", "payments", "refunds", "returned", "other", "fees", "retained", "released", "paid", "carried_out",
] as const;
const words = {
  title: { en: "Settlements", zh: "商户结算" },
  merchant: { en: "Merchant", zh: "商户" },
  day: { en: "Day", zh: "结算日" },
  cycle: { en: "Cycle", zh: "结算周期" },
  payable: { en: "Payable on", zh: "应付日" },
  withheld: { en: "Withheld", zh: "暂扣原因" },
  open: { en: "Statement", zh: "结算单" },
  since: { en: "From", zh: "自" },
  until: { en: "Until", zh: "至" },
  carried_in: { en: "Carried in", zh: "上期结转" },
  payments: { en: "Payments", zh: "支付" },
  refunds: { en: "Refunds", zh: "退款" },
  returned: { en: "Returned payouts", zh: "退回出款" },
  other: { en: "Other", zh: "其他" },
  fees: { en: "Fees", zh: "手续费" },
  retained: { en: "Retained", zh: "留存保证金" },
  released: { en: "Released", zh: "释放保证金" },
  paid: { en: "Paid out", zh: "出款" },
  carried_out: { en: "Carried out", zh: "结转下期" },
};

export default function Settlements() {
  const t = useWords(words);
  const { language } = usePreferences();
  const filters = useFilters(NAMES);
  const [shown, setShown] = useState<Settlement | null>(null);
  const columns: Column<Settlement>[] = [
    textColumn("day", t.day, ({ day }) => day),
    idColumn("merchant", t.merchant, ({ merchant }) => merchant),
    textColumn("cycle", t.cycle, ({ cycle }) => CYCLES[cycle]?.[language] ?? cycle),
    moneyColumn("payments", t.payments, ({ payments }) => payments),
    moneyColumn("refunds", t.refunds, ({ refunds }) => refunds),
    moneyColumn("fees", t.fees, ({ fees }) => fees),
    moneyColumn("paid", t.paid, ({ paid }) => paid),
    textColumn("payable", t.payable, ({ payable_on }) => payable_on),
    textColumn("withheld", t.withheld, ({ withheld }) => (withheld === null ? null : WITHHELD[withheld]?.[language] ?? withheld)),
    {
      key: "open",
      title: "",
      text: () => null,
      render: (settlement) => <Typography.Link onClick={() => setShown(settlement)}>{t.open}</Typography.Link>,
    },
  ];
  return (
    <>
      <PageHead title={t.title} />
      <ListTable
        name={["/v1/settlements", filters.values]}
        read={(at) => got(client.GET("/v1/settlements", { params: { query: { ...at, ...filters.values } } }))}
        columns={columns}
        filters={<TextFilter filters={filters} name="merchant" label={t.merchant} />}
        file="settlements"
      />
      <Drawer open={shown !== null} onClose={() => setShown(null)} title={t.open} size={460}>
        {shown && (
          <Descriptions
            column={1}
            size="small"
            bordered
            items={[
              { key: "since", label: t.since, children: <Moment at={shown.since} /> },
              { key: "until", label: t.until, children: <Moment at={shown.until} /> },
              ...SUMS.map((name) => ({
                key: name,
                label: t[name],
                children: <Money minor={shown[name]} currency={shown.currency} />,
              })),
            ]}
          />
        )}
      </Drawer>
    </>
  );
}
