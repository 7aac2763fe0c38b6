// Money on its way to merchants' banks: batches released by people, and each payout.

import type { Schemas } from "@anfu/api";
import { App, Button, Card } from "antd";
import { api, client, got } from "../../app/client";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { useAct } from "../../parts/act";
import { idColumn, momentColumn, moneyColumn, numberColumn, stateColumn, textColumn, useOptions } from "../../parts/columns";
import { Choice, TextFilter, useFilters } from "../../parts/filters";
import { type Column, ListTable } from "../../parts/ListTable";
import { decimalOf } from "../../parts/Money";
import { PageHead } from "../../parts/PageHead";
import { PAYOUT } from "./names";

type Batch = Schemas["BatchDocument"];
type Payout = Schemas["PayoutDocument"];
type Query = { merchant?: string; state?: "PAID" };

const NAMES = ["merchant", "state"] as const;
const words = {
  title: { en: "Payouts", zh: "出款" },
  batches: { en: "Batches", zh: "出款批次" },
  each: { en: "Payouts", zh: "出款明细" },
  batch: { en: "Batch", zh: "批次" },
  payable: { en: "Payable on", zh: "应付日" },
  count: { en: "Payouts", zh: "笔数" },
  total: { en: "Total", zh: "总额" },
  people: { en: "People needed", zh: "所需人数" },
  first: { en: "Released by", zh: "放行人" },
  second: { en: "and", zh: "第二放行人" },
  sent: { en: "Sent", zh: "发送时间" },
  release: { en: "Release", zh: "放行" },
  sure: {
    en: (count: number, total: string) => `${count} payouts of together ${total} go to the bank.`,
    zh: (count: number, total: string) => `将向银行提交 ${count} 笔出款，合计 ${total}。`,
  },
  state: { en: "State", zh: "状态" },
  merchant: { en: "Merchant", zh: "商户" },
  amount: { en: "Amount", zh: "金额" },
  reason: { en: "Reason", zh: "原因" },
  reference: { en: "Bank's reference", zh: "银行流水号" },
  updated: { en: "Last change", zh: "更新时间" },
};

export default function Payouts() {
  const t = useWords(words);
  const filters = useFilters(NAMES);
  const batches: Column<Batch>[] = [
    idColumn("id", t.batch, ({ id }) => id),
    textColumn("payable", t.payable, ({ payable_on }) => payable_on),
    numberColumn("count", t.count, ({ count }) => count),
    moneyColumn("total", t.total, ({ total }) => total),
    numberColumn("people", t.people, ({ people }) => people),
    idColumn("first", t.first, ({ first_by }) => first_by),
    idColumn("second", t.second, ({ second_by }) => second_by),
    momentColumn("sent", t.sent, ({ sent_at }) => sent_at),
    { key: "act", title: "", text: () => null, render: (batch) => <Release batch={batch} /> },
  ];
  const payouts: Column<Payout>[] = [
    idColumn("merchant", t.merchant, ({ merchant }) => merchant),
    moneyColumn("amount", t.amount, ({ amount }) => amount),
    stateColumn("state", t.state, ({ state }) => state, PAYOUT),
    textColumn("payable", t.payable, ({ payable_on }) => payable_on),
    textColumn("reason", t.reason, ({ reason }) => reason),
    textColumn("reference", t.reference, ({ reference }) => reference),
    momentColumn("updated", t.updated, ({ updated_at }) => updated_at),
  ];
  return (
    <>
      <PageHead title={t.title} />
      <Card title={t.batches} style={{ marginBottom: 16 }}>
        <ListTable
          name={["/v1/payout-batches"]}
          read={(query) => got(client.GET("/v1/payout-batches", { params: { query } }))}
          columns={batches}
          file="payout-batches"
        />
      </Card>
      <Card title={t.each}>
        <ListTable
          name={["/v1/payouts", filters.values]}
          read={(at) => got(client.GET("/v1/payouts", { params: { query: { ...at, ...(filters.values as Query) } } }))}
          columns={payouts}
          filters={
            <>
              <Choice filters={filters} name="state" label={t.state} options={useOptions(PAYOUT)} />
              <TextFilter filters={filters} name="merchant" label={t.merchant} />
            </>
          }
          file="payouts"
        />
      </Card>
    </>
  );
}

function Release({ batch }: { batch: Batch }) {
  const t = useWords(words);
  const may = useMay();
  const { modal } = App.useApp();
  const { run, busy } = useAct(api.useMutation("post", "/v1/payout-batches/{batch}/release"));
  if (batch.released_at !== null || !may("payouts:write")) return null;
  const ask = () =>
    modal.confirm({
      title: t.release,
      content: t.sure(batch.count, `${decimalOf(batch.total, batch.currency)} ${batch.currency}`),
      onOk: () => run({ params: { path: { batch: batch.id } } }),
    });
  return (
    <Button size="small" type="primary" loading={busy} onClick={() => void ask()}>
      {t.release}
    </Button>
  );
}
