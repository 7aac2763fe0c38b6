// The accounts of a party and what is on them.

import type { Schemas } from "@anfu/api";
import { Link } from "react-router";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { accountName } from "../../parts/called";
import { calledColumn, moneyColumn, textColumn } from "../../parts/columns";
import { Section } from "../../parts/Section";

type Account = Schemas["anfu.entrypoints.api.book_documents.AccountDocument"];

const words = {
  title: { en: "Accounts", zh: "账户与余额" },
  account: { en: "Account", zh: "账户" },
  kind: { en: "Kind", zh: "类别" },
  currency: { en: "Currency", zh: "币种" },
  posted: { en: "Balance", zh: "余额" },
  available: { en: "Available", zh: "可用" },
  held: { en: "Held", zh: "冻结" },
};

export function Accounts({ owner }: { owner: string }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const { data, error } = api.useQuery("get", "/v1/accounts", { params: { query: { owner, limit: 100 } } });
  return (
    <Section<Account>
      title={t.title}
      rows={data?.data}
      error={error}
      of={({ id }) => id}
      columns={[
        {
          key: "id",
          title: t.account,
          render: ({ id }) => (
            <Link className="mono" to={`/accounts/${encodeURIComponent(id)}`}>
              {id}
            </Link>
          ),
        },
        calledColumn("kind", t.kind, ({ kind }) => [kind], (kind) => accountName(kind, language)),
        textColumn("currency", t.currency, ({ currency }) => currency),
        moneyColumn("posted", t.posted, ({ posted }) => posted),
        moneyColumn("available", t.available, ({ available }) => available),
        moneyColumn("held", t.held, ({ posted, available }) => posted - available),
      ]}
    />
  );
}
