// The reserve account of customers' money (客户备付金), three ways, every day.

import type { Schemas } from "@anfu/api";
import { Typography } from "antd";
import { client, got } from "../../app/client";
import { useWords } from "../../app/words";
import { moneyColumn, stateColumn, textColumn } from "../../parts/columns";
import { type Column, ListTable } from "../../parts/ListTable";
import { decimalOf } from "../../parts/Money";
import { PageHead } from "../../parts/PageHead";
import type { States } from "../../parts/StateTag";

type Check = Schemas["ReserveCheckDocument"];

const WHOLE: States = {
  true: { look: "good", en: "Agrees", zh: "一致" },
  false: { look: "bad", en: "Differs", zh: "不一致" },
};
const words = {
  title: { en: "Reserve account", zh: "备付金核对" },
  about: {
    en: "What we owe clients, what stands at bank and channels by our books, and what the bank says.",
    zh: "客户权益、我方账面银行与渠道余额、银行对账单余额三方核对。",
  },
  day: { en: "Day", zh: "日期" },
  whole: { en: "Result", zh: "结果" },
  clients: { en: "Owed to clients", zh: "客户权益" },
  bank: { en: "At the bank, our books", zh: "账面银行余额" },
  channels: { en: "At channels", zh: "渠道在途" },
  own: { en: "Our own", zh: "自有资金" },
  statement: { en: "Bank's statement", zh: "银行对账单" },
  unbooked: { en: "Not yet booked", zh: "未入账" },
  differences: { en: "Differences", zh: "差异" },
};

export default function ReserveChecks() {
  const t = useWords(words);
  const told = ({ differences, currency }: Check) =>
    Object.entries(differences)
      .filter(([, by]) => by !== 0)
      .map(([name, by]) => `${name} ${decimalOf(by, currency)}`)
      .join(" · ");
  const columns: Column<Check>[] = [
    textColumn("day", t.day, ({ day }) => day),
    stateColumn("whole", t.whole, ({ whole }) => String(whole), WHOLE),
    moneyColumn("clients", t.clients, ({ clients_total }) => clients_total),
    moneyColumn("bank", t.bank, ({ bank }) => bank),
    moneyColumn("channels", t.channels, ({ channels }) => channels),
    moneyColumn("own", t.own, ({ own }) => own),
    moneyColumn("statement", t.statement, ({ statement }) => statement),
    moneyColumn("unbooked", t.unbooked, ({ unbooked }) => unbooked),
    {
      key: "differences",
      title: t.differences,
      text: told,
      render: (check) => (told(check) ? <Typography.Text type="danger">{told(check)}</Typography.Text> : "—"),
    },
  ];
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <ListTable
        name={["/v1/reserve-checks"]}
        read={(query) => got(client.GET("/v1/reserve-checks", { params: { query } }))}
        columns={columns}
        file="reserve-checks"
      />
    </>
  );
}
