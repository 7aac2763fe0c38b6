// Sums of all accounts by kind: debits equal credits in each currency, or it is said at once.

import type { Schemas } from "@anfu/api";
import { Alert, Card, Table, type TableColumnsType } from "antd";
import { Link } from "react-router";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { accountName } from "../../parts/called";
import { decimalOf, Money } from "../../parts/Money";
import { Moment } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";
import { ProblemView } from "../../parts/ProblemView";
import { reachable } from "../../parts/reachable";

type Kind = Schemas["KindDocument"];

const words = {
  title: { en: "Trial balance", zh: "试算平衡" },
  at: { en: "As of", zh: "截至" },
  even: { en: (currency: string) => `${currency}: debits equal credits`, zh: (currency: string) => `${currency}：借贷平衡` },
  uneven: {
    en: (currency: string, by: string) => `${currency}: debits and credits differ by ${by}. Run \`anfu evidence verify\` now.`,
    zh: (currency: string, by: string) => `${currency}：借贷相差 ${by}。请立即运行 \`anfu evidence verify\`。`,
  },
  kind: { en: "Kind of account", zh: "账户类别" },
  accounts: { en: "Accounts", zh: "账户数" },
  debits: { en: "Debits", zh: "借方" },
  credits: { en: "Credits", zh: "贷方" },
  balance: { en: "Balance", zh: "余额" },
};

export default function TrialBalance() {
  const t = useWords(words);
  const { language } = usePreferences();
  const { data, error, isPending } = api.useQuery("get", "/v1/trial-balance", {}, { refetchInterval: 30_000 });
  const columns: TableColumnsType<Kind> = [
    { title: t.kind, dataIndex: "kind", render: (kind: string, { currency }) => <Link to={`/accounts?kind=${kind}&currency=${currency}`}>{accountName(kind, language)}</Link> },
    { title: t.accounts, dataIndex: "accounts", align: "end" },
    ...(["debits", "credits", "balance"] as const).map((name) => ({
      title: t[name],
      dataIndex: name,
      align: "end" as const,
      render: (minor: number, { currency }: Kind) => <Money minor={minor} currency={currency} />,
    })),
  ];
  return (
    <>
      <PageHead title={t.title} about={data && <>{t.at} <Moment at={data.at} /></>} />
      {error !== null && <ProblemView problem={error} />}
      {data?.currencies.map(({ currency, difference }) => (
        <Alert
          key={currency}
          showIcon
          type={difference === 0 ? "success" : "error"}
          title={difference === 0 ? t.even(currency) : t.uneven(currency, decimalOf(difference, currency))}
          style={{ marginBottom: 12 }}
        />
      ))}
      <Card styles={{ body: { padding: 0 } }}>
        <Table
          ref={reachable}
          size="middle"
          rowKey={({ kind, currency }) => `${kind} ${currency}`}
          columns={columns}
          dataSource={data?.kinds ?? []}
          loading={isPending}
          pagination={false}
          scroll={{ x: "max-content" }}
        />
      </Card>
    </>
  );
}
