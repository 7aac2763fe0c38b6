// Differences between bills and payments, and what stands in suspense, oldest where asked.

import type { Schemas } from "@anfu/api";
import { Switch, Tag } from "antd";
import { client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { methodName } from "../../parts/called";
import { calledColumn, idColumn, numberColumn, stateColumn, textColumn, useOptions } from "../../parts/columns";
import { Choice, TextFilter, useFilters } from "../../parts/filters";
import { type Column, ListTable } from "../../parts/ListTable";
import { decimalOf, Money } from "../../parts/Money";
import { PageHead } from "../../parts/PageHead";
import { ITEM, LEGS } from "./names";

type Item = Schemas["ItemDocument"];
type Query = { state?: "LONG"; channel?: string; day?: string };

const NAMES = ["state", "channel", "day", "tasked"] as const;
const words = {
  title: { en: "Differences", zh: "差异与挂账" },
  about: {
    en: "What a bill says otherwise stands in suspense until it is explained; its age counts from the day of the bill.",
    zh: "与账单不一致的款项在查明前挂账，账龄自账单日起算。",
  },
  found: { en: "Found as", zh: "差异类型" },
  state: { en: "State", zh: "当前状态" },
  channel: { en: "Channel", zh: "渠道" },
  day: { en: "Day", zh: "账单日" },
  leg: { en: "Leg", zh: "对账环节" },
  age: { en: "Days old", zh: "账龄（天）" },
  number: { en: "Payment", zh: "支付" },
  line: { en: "Bill says", zh: "账单金额" },
  ours: { en: "We say", zh: "我方金额" },
  tasked: { en: "Tasks only", zh: "仅看待办" },
  task: { en: "task", zh: "待办" },
};

export default function Items() {
  const t = useWords(words);
  const { language } = usePreferences();
  const filters = useFilters(NAMES);
  const { tasked, ...asked } = filters.values;
  const columns: Column<Item>[] = [
    textColumn("day", t.day, ({ day }) => day),
    calledColumn("channel", t.channel, ({ channel }) => [channel], (code) => methodName(code, language)),
    textColumn("leg", t.leg, ({ leg }) => LEGS[leg]?.[language] ?? leg),
    stateColumn("class", t.found, (item) => item.class, ITEM),
    stateColumn("state", t.state, ({ state }) => state, ITEM),
    numberColumn("age", t.age, ({ age_days }) => age_days),
    idColumn("number", t.number, ({ number }) => number?.slice(0, 30)),
    amountColumn("line", t.line, ({ line }) => line),
    amountColumn("ours", t.ours, ({ ours }) => ours),
    {
      key: "tasked",
      title: "",
      text: (item) => (item.tasked ? "task" : null),
      render: (item) => item.tasked && <Tag color="warning">{t.task}</Tag>,
    },
  ];
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <ListTable
        name={["/v1/reconciliation-items", filters.values]}
        read={(at) =>
          got(
            client.GET("/v1/reconciliation-items", {
              params: { query: { ...at, ...(asked as Query), ...(tasked ? { tasked: true } : {}) } },
            }),
          )
        }
        to={({ id }) => `/items/${id}`}
        columns={columns}
        filters={
          <>
            <Choice filters={filters} name="state" label={t.state} options={useOptions(ITEM)} />
            <TextFilter filters={filters} name="channel" label={t.channel} />
            <TextFilter filters={filters} name="day" label={t.day} />
            <label>
              <Switch checked={tasked === "1"} onChange={(on) => filters.set("tasked", on ? "1" : undefined)} /> {t.tasked}
            </label>
          </>
        }
        file="differences"
      />
    </>
  );
}

interface Amount {
  amount: number | null;
  currency: string | null;
}

function amountColumn(key: string, title: string, of: (item: Item) => Amount | null): Column<Item> {
  const whole = (item: Item) => {
    const found = of(item);
    return found?.currency && found.amount !== null ? { amount: found.amount, currency: found.currency } : null;
  };
  return {
    key,
    title,
    align: "end",
    text: (item) => {
      const found = whole(item);
      return found && decimalOf(found.amount, found.currency);
    },
    render: (item) => {
      const found = whole(item);
      return found ? <Money minor={found.amount} currency={found.currency} /> : "—";
    },
  };
}
