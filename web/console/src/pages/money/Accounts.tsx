// The accounts of the ledger.

import { client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { accountName } from "../../parts/called";
import { calledColumn, moneyColumn, textColumn } from "../../parts/columns";
import { TextFilter, useFilters } from "../../parts/filters";
import { ListTable } from "../../parts/ListTable";
import { PageHead } from "../../parts/PageHead";
import type { Schemas } from "@anfu/api";

type Account = Schemas["anfu.entrypoints.api.book_documents.AccountDocument"];

const NAMES = ["owner", "kind", "currency"] as const;
const words = {
  title: { en: "Accounts", zh: "账户" },
  account: { en: "Account", zh: "账户编号" },
  owner: { en: "Owner", zh: "所有人" },
  kind: { en: "Kind", zh: "类别" },
  currency: { en: "Currency", zh: "币种" },
  posted: { en: "Balance", zh: "余额" },
  available: { en: "Available", zh: "可用" },
  debits: { en: "Debits", zh: "借方" },
  credits: { en: "Credits", zh: "贷方" },
};

export default function Accounts() {
  const t = useWords(words);
  const { language } = usePreferences();
  const filters = useFilters(NAMES);
  return (
    <>
      <PageHead title={t.title} />
      <ListTable<Account>
        name={["/v1/accounts", filters.values]}
        read={(at) => got(client.GET("/v1/accounts", { params: { query: { ...at, ...filters.values } } }))}
        to={({ id }) => `/accounts/${encodeURIComponent(id)}`}
        columns={[
          { key: "id", title: t.account, text: ({ id }) => id, render: ({ id }) => <span className="mono">{id}</span> },
          textColumn("owner", t.owner, ({ owner }) => owner),
          calledColumn("kind", t.kind, ({ kind }) => [kind], (kind) => accountName(kind, language)),
          moneyColumn("posted", t.posted, ({ posted }) => posted),
          moneyColumn("available", t.available, ({ available }) => available),
          moneyColumn("debits", t.debits, ({ debits_posted }) => debits_posted),
          moneyColumn("credits", t.credits, ({ credits_posted }) => credits_posted),
        ]}
        filters={NAMES.map((name) => (
          <TextFilter key={name} filters={filters} name={name} label={t[name]} />
        ))}
        file="accounts"
      />
    </>
  );
}
