// What the payer paid before: the newest ten.

import { Table, Typography } from "antd";
import { Link } from "react-router";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { methodName } from "../../parts/called";
import { Id } from "../../parts/Id";
import { Money } from "../../parts/Money";
import { Moment } from "../../parts/Moment";
import { ProblemView } from "../../parts/ProblemView";
import { reachable } from "../../parts/reachable";
import { StateTag } from "../../parts/StateTag";

const words = {
  at: { en: "Made", zh: "创建时间" },
  amount: { en: "Amount", zh: "金额" },
  payee: { en: "Payee", zh: "收款方" },
  method: { en: "Method", zh: "方式" },
  state: { en: "State", zh: "状态" },
  none: { en: "Nothing before this one.", zh: "此前没有支付。" },
  all: { en: "All payments of the payer", zh: "付款人全部支付" },
};

export function History({ payer, but }: { payer: string; but: string }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const { data, error, isPending } = api.useQuery("get", "/v1/payments", { params: { query: { payer, limit: 11 } } });
  if (error !== null) return <ProblemView problem={error} />;
  return (
    <>
      <Table
        ref={reachable}
        size="small"
        rowKey="id"
        loading={isPending}
        dataSource={(data?.data ?? []).filter(({ id }) => id !== but).slice(0, 10)}
        pagination={false}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: <Typography.Text type="secondary">{t.none}</Typography.Text> }}
        columns={[
          { title: t.at, render: (_, { id, created_at }) => <Link to={`/payments/${id}`}><Moment at={created_at} /></Link> },
          { title: t.amount, align: "end", render: (_, { amount, currency }) => <Money minor={amount} currency={currency} /> },
          { title: t.payee, render: (_, { payee }) => <Id id={payee} /> },
          { title: t.method, render: (_, { method }) => methodName(method.type, language) },
          { title: t.state, render: (_, { state }) => <StateTag state={state} /> },
        ]}
      />
      <Link to={`/payments?payer=${payer}`}>{t.all}</Link>
    </>
  );
}
