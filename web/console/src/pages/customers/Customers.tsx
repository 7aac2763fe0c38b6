// Persons who pay, masked, with the class and state of their accounts.

import type { Schemas } from "@anfu/api";
import { client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useReason } from "../../app/reason";
import { useWords } from "../../app/words";
import { idColumn, momentColumn, stateColumn, textColumn, useOptions } from "../../parts/columns";
import { Choice, useFilters } from "../../parts/filters";
import { type Column, ListTable } from "../../parts/ListTable";
import { PageHead } from "../../parts/PageHead";
import { CLASSES, DOCUMENTS, PARTY } from "./names";

type Customer = Schemas["CustomerDocument"];

const NAMES = ["account_class", "status"] as const;
const words = {
  title: { en: "Customers", zh: "个人客户" },
  about: {
    en: "Somebody is found by phone, document number or id in the search above.",
    zh: "可在上方搜索框按手机号、证件号码或编号查找客户。",
  },
  name: { en: "Name", zh: "姓名" },
  phone: { en: "Phone", zh: "手机号" },
  document: { en: "Document", zh: "证件" },
  class: { en: "Class of account", zh: "账户类别" },
  status: { en: "State", zh: "状态" },
  since: { en: "Since", zh: "开户时间" },
  customer: { en: "Customer", zh: "客户编号" },
};

export default function Customers() {
  const t = useWords(words);
  const { language } = usePreferences();
  const filters = useFilters(NAMES);
  const classes = useOptions(CLASSES);
  const states = useOptions({ ACTIVE: PARTY.ACTIVE, SUSPENDED: PARTY.SUSPENDED, CLOSED: PARTY.CLOSED });
  if (useReason() === null) return null;
  const { account_class, status } = filters.values;
  const asked = {
    ...(account_class ? { account_class: Number(account_class) as 1 } : {}),
    ...(status ? { status: status as "ACTIVE" } : {}),
  };
  const columns: Column<Customer>[] = [
    textColumn("name", t.name, ({ name }) => name),
    textColumn("phone", t.phone, ({ phone }) => phone),
    textColumn("document", t.document, ({ document: { type, number } }) => `${DOCUMENTS[type]?.[language] ?? type} ${number}`),
    textColumn("class", t.class, (row) => CLASSES[row.account_class]?.[language]),
    stateColumn("status", t.status, (row) => row.status, PARTY),
    momentColumn("since", t.since, ({ created_at }) => created_at),
    idColumn("id", t.customer, ({ id }) => id),
  ];
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <ListTable
        name={["/v1/customers", filters.values]}
        read={(at) => got(client.GET("/v1/customers", { params: { query: { ...at, ...asked } } }))}
        to={({ id }) => `/customers/${id}`}
        columns={columns}
        filters={
          <>
            <Choice filters={filters} name="account_class" label={t.class} options={classes} />
            <Choice filters={filters} name="status" label={t.status} options={states} />
          </>
        }
        file="customers"
      />
    </>
  );
}
