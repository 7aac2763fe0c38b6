// The queue of cases, the most pressing first.

import { Button, Flex, Typography } from "antd";
import { client, got } from "../../app/client";
import { useKey } from "../../app/keys";
import { useMay, useSession } from "../../app/session";
import { useWords } from "../../app/words";
import { idColumn, moneyColumn, numberColumn, stateColumn, textColumn, useOptions } from "../../parts/columns";
import { Choice, TextFilter, useFilters } from "../../parts/filters";
import { Id } from "../../parts/Id";
import { type Column, ListTable } from "../../parts/ListTable";
import { Ago } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";
import { Clock } from "./Clock";
import { HandOver } from "./HandOver";
import { GRADE } from "../../parts/StateTag";
import { CASE, type Case } from "./names";
import { useNext } from "./next";

const NAMES = ["state", "grade", "queue", "holder", "late", "event"] as const;
const LATE = { true: { en: "Late only", zh: "仅超时" } };
const words = {
  title: { en: "Cases", zh: "案件队列" },
  about: {
    en: "The most pressing first. Open one with Enter; on it: c claim, r release, x reject, n next.",
    zh: "按紧急程度排列。回车打开；案件页内：c 认领，r 放行，x 拒绝，n 下一件。",
  },
  empty: { en: "No case waits. Payments that risk holds for a person come here.", zh: "没有待处理案件。风控转人工的支付会出现在此。" },
  start: { en: "Take the next (n)", zh: "处理下一件 (n)" },
  next: { en: "Open the next case", zh: "打开下一件案件" },
  mine: { en: "Mine", zh: "我的案件" },
  everybody: { en: "Everybody's", zh: "全部案件" },
  grade: { en: "Grade", zh: "等级" },
  state: { en: "State", zh: "状态" },
  clock: { en: "First response", zh: "首次响应" },
  stake: { en: "At stake", zh: "待决金额" },
  count: { en: "Payments", zh: "笔数" },
  score: { en: "Score", zh: "评分" },
  age: { en: "Opened", zh: "立案" },
  holder: { en: "Holder", zh: "承办人" },
  me: { en: "Me", zh: "我" },
  queue: { en: "Queue", zh: "队列" },
  id: { en: "Case", zh: "案件编号" },
  late: { en: "Lateness", zh: "超时" },
  event: { en: "Payment", zh: "支付编号" },
};

export default function Cases() {
  const t = useWords(words);
  const may = useMay();
  const me = useSession().staff.id;
  const filters = useFilters(NAMES);
  const next = useNext();
  useKey("n", () => void next(), t.next);
  const mine = filters.values.holder === me;
  const columns: Column<Case>[] = [
    stateColumn("grade", t.grade, ({ grade }) => grade, GRADE),
    { key: "clock", title: t.clock, text: ({ due_at }) => due_at, render: (one) => <Clock about={one} /> },
    moneyColumn("stake", t.stake, ({ at_stake }) => at_stake),
    numberColumn("count", t.count, ({ count }) => count),
    numberColumn("score", t.score, ({ score }) => score),
    stateColumn("state", t.state, ({ state }) => state, CASE),
    {
      key: "holder",
      title: t.holder,
      text: ({ holder }) => holder,
      render: ({ holder }) => (holder === me ? <Typography.Text strong>{t.me}</Typography.Text> : <Id id={holder} />),
    },
    { key: "age", title: t.age, text: ({ opened_at }) => opened_at, render: ({ opened_at }) => <Ago at={opened_at} /> },
    textColumn("queue", t.queue, ({ queue }) => queue),
    idColumn("id", t.id, ({ id }) => id),
  ];
  return (
    <>
      <PageHead
        title={t.title}
        about={t.about}
        actions={
          <>
            <Button onClick={() => filters.set("holder", mine ? undefined : me)}>{mine ? t.everybody : t.mine}</Button>
            {may("cases:write") && <HandOver />}
            <Button type="primary" onClick={() => void next()}>
              {t.start}
            </Button>
          </>
        }
      />
      <ListTable
        name={["/v1/cases", filters.values]}
        read={(at) => got(client.GET("/v1/cases", { params: { query: { ...at, ...(filters.values as object) } } }))}
        columns={columns}
        to={({ id }) => `/cases/${id}`}
        filters={
          <Flex wrap gap={8}>
            <Choice filters={filters} name="state" label={t.state} options={useOptions(CASE)} />
            <Choice filters={filters} name="grade" label={t.grade} options={useOptions(GRADE)} />
            <Choice filters={filters} name="late" label={t.late} options={useOptions(LATE)} />
            <TextFilter filters={filters} name="queue" label={t.queue} />
            <TextFilter filters={filters} name="event" label={t.event} />
          </Flex>
        }
        empty={t.empty}
        file="cases"
      />
    </>
  );
}
