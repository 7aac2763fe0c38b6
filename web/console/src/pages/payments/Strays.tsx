// Money that came for attempts which were over.

import type { Schemas } from "@anfu/api";
import { client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { methodName } from "../../parts/called";
import { calledColumn, idColumn, momentColumn, moneyColumn, stateColumn, textColumn, useOptions } from "../../parts/columns";
import { Choice, useFilters } from "../../parts/filters";
import { type Column, ListTable } from "../../parts/ListTable";
import { PageHead } from "../../parts/PageHead";
import { STRAY } from "./names";

type Stray = Schemas["StrayDocument"];

const NAMES = ["state"] as const;
const words = {
  title: { en: "Strays", zh: "迟到成功款" },
  about: {
    en: "Money a network took for an attempt that was over. It goes back by itself; what cannot is a task.",
    zh: "支付尝试关闭后才到账的资金，系统自动原路退回；无法退回的转为待办。",
  },
  empty: { en: "No money came too late.", zh: "没有迟到的资金。" },
  stray: { en: "Stray", zh: "编号" },
  state: { en: "State", zh: "状态" },
  amount: { en: "Amount", zh: "金额" },
  payment: { en: "Payment", zh: "支付编号" },
  channel: { en: "Channel", zh: "渠道" },
  number: { en: "Number there", zh: "渠道侧单号" },
  failure: { en: "Why it cannot go back", zh: "无法退回原因" },
  seen: { en: "Seen", zh: "发现时间" },
  ended: { en: "Ended", zh: "结束时间" },
};

export default function Strays() {
  const t = useWords(words);
  const { language } = usePreferences();
  const filters = useFilters(NAMES);
  const states = useOptions(STRAY);
  const columns: Column<Stray>[] = [
    idColumn("id", t.stray, ({ id }) => id),
    stateColumn("state", t.state, ({ state }) => state, STRAY),
    moneyColumn("amount", t.amount, ({ amount }) => amount),
    idColumn("payment", t.payment, ({ payment }) => payment),
    calledColumn("channel", t.channel, ({ channel }) => [channel], (code) => methodName(code, language)),
    textColumn("number", t.number, ({ number }) => number),
    textColumn("failure", t.failure, ({ failure }) => failure),
    momentColumn("seen", t.seen, ({ seen_at }) => seen_at),
    momentColumn("ended", t.ended, ({ ended_at }) => ended_at),
  ];
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <ListTable
        name={["/v1/strays", filters.values]}
        read={(at) => got(client.GET("/v1/strays", { params: { query: { ...at, ...(filters.values as object) } } }))}
        columns={columns}
        to={({ payment }) => `/payments/${payment}`}
        filters={<Choice filters={filters} name="state" label={t.state} options={states} />}
        empty={t.empty}
        file="strays"
      />
    </>
  );
}
