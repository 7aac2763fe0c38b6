// One account and its entries.

import type { Schemas } from "@anfu/api";
import { Card, Descriptions } from "antd";
import { useParams } from "react-router";
import { api, client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { accountName } from "../../parts/called";
import { idColumn, momentColumn, moneyColumn, textColumn } from "../../parts/columns";
import { Id } from "../../parts/Id";
import { ListTable } from "../../parts/ListTable";
import { Money } from "../../parts/Money";
import { PageHead } from "../../parts/PageHead";
import { ProblemView } from "../../parts/ProblemView";

type Entry = Schemas["anfu.entrypoints.api.book_documents.EntryDocument"];

const words = {
  title: { en: "Account", zh: "账户明细" },
  owner: { en: "Owner", zh: "所有人" },
  kind: { en: "Kind", zh: "类别" },
  posted: { en: "Balance", zh: "余额" },
  available: { en: "Available", zh: "可用" },
  entry: { en: "Entry", zh: "分录" },
  debit: { en: "Debit", zh: "借方账户" },
  credit: { en: "Credit", zh: "贷方账户" },
  amount: { en: "Amount", zh: "金额" },
  at: { en: "Posted", zh: "入账时间" },
};

export default function Account() {
  const t = useWords(words);
  const { language } = usePreferences();
  const account = useParams().account ?? "";
  const path = { account };
  const { data, error } = api.useQuery("get", "/v1/accounts/{account}", { params: { path } });
  if (error !== null) return <ProblemView problem={error} />;
  return (
    <>
      <PageHead title={t.title} about={<span className="mono">{account}</span>} />
      {data && (
        <Card size="small" style={{ marginBottom: 16 }}>
          <Descriptions
            size="small"
            items={[
              { key: "owner", label: t.owner, children: <Id id={data.owner} whole /> },
              { key: "kind", label: t.kind, children: accountName(data.kind, language) },
              { key: "posted", label: t.posted, children: <Money minor={data.posted} currency={data.currency} /> },
              { key: "available", label: t.available, children: <Money minor={data.available} currency={data.currency} /> },
            ]}
          />
        </Card>
      )}
      <ListTable<Entry>
        name={["/v1/accounts/{account}/entries", account]}
        read={(query) => got(client.GET("/v1/accounts/{account}/entries", { params: { path, query } }))}
        columns={[
          momentColumn("at", t.at, ({ at }) => at),
          idColumn("id", t.entry, ({ id }) => id),
          textColumn("debit", t.debit, ({ debit }) => debit),
          textColumn("credit", t.credit, ({ credit }) => credit),
          moneyColumn("amount", t.amount, ({ amount }) => amount),
        ]}
        file={`account-${account}`}
      />
    </>
  );
}
