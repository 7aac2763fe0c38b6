// Days of reconciliation: each bill, what its lines came to, and who brought it.

import type { Schemas } from "@anfu/api";
import { Button, Flex, Popconfirm, Table, Typography } from "antd";
import { Link } from "react-router";
import { api, client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useMay, useSession } from "../../app/session";
import { useWords } from "../../app/words";
import { useAct } from "../../parts/act";
import { methodName } from "../../parts/called";
import { calledColumn, idColumn, momentColumn, stateColumn, textColumn } from "../../parts/columns";
import { TextFilter, useFilters } from "../../parts/filters";
import { type Column, ListTable } from "../../parts/ListTable";
import { Money } from "../../parts/Money";
import { PageHead } from "../../parts/PageHead";
import { StateTag } from "../../parts/StateTag";
import { BILL, LEGS, LINES } from "./names";

type Bill = Schemas["BillDocument"];

const NAMES = ["channel", "day"] as const;
const words = {
  title: { en: "Reconciliation days", zh: "对账日" },
  about: {
    en: "Every bill of every channel, matched line by line; the file is kept as evidence under its digest.",
    zh: "各渠道每日账单逐行匹配；账单原件按摘要留存为证据。",
  },
  day: { en: "Day", zh: "账单日" },
  channel: { en: "Channel", zh: "渠道" },
  kind: { en: "Bill", zh: "账单类型" },
  state: { en: "State", zh: "状态" },
  sums: { en: "Lines", zh: "匹配结果" },
  brought: { en: "Brought", zh: "取得时间" },
  by: { en: "By", zh: "经办" },
  lines: { en: "Lines", zh: "行数" },
  sum: { en: "Bill", zh: "账单金额" },
  ours: { en: "Ours", zh: "我方金额" },
  result: { en: "Result", zh: "结果" },
  none: { en: "No lines", zh: "无明细" },
  approve: { en: "Approve", zh: "批准" },
  decline: { en: "Decline", zh: "否决" },
  sure: { en: "A bill that replaces another is approved by a second person.", zh: "替换账单须由第二人批准。" },
};

export default function Bills() {
  const t = useWords(words);
  const { language } = usePreferences();
  const filters = useFilters(NAMES);
  const columns: Column<Bill>[] = [
    textColumn("day", t.day, ({ day }) => day),
    calledColumn("channel", t.channel, ({ channel }) => [channel], (code) => methodName(code, language)),
    textColumn("kind", t.kind, ({ kind }) => LEGS[kind]?.[language] ?? kind),
    stateColumn("state", t.state, ({ state }) => state, BILL),
    {
      key: "sums",
      title: t.sums,
      text: ({ sums }) => sums.map((sum) => `${sum.class} ${sum.lines}`).join("; "),
      render: (bill) => <Sums bill={bill} />,
    },
    momentColumn("brought", t.brought, ({ created_at }) => created_at),
    idColumn("by", t.by, ({ by }) => by),
    { key: "act", title: "", text: () => null, render: (bill) => <Decide bill={bill} /> },
  ];
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <ListTable
        name={["/v1/bills", filters.values]}
        read={(at) => got(client.GET("/v1/bills", { params: { query: { ...at, ...filters.values } } }))}
        columns={columns}
        filters={NAMES.map((name) => (
          <TextFilter key={name} filters={filters} name={name} label={t[name]} />
        ))}
        file="bills"
      />
    </>
  );
}

function Sums({ bill }: { bill: Bill }) {
  const t = useWords(words);
  if (bill.sums.length === 0) return <Typography.Text type="secondary">{t.none}</Typography.Text>;
  return (
    <Table
      size="small"
      className="sums"
      rowKey={({ class: name, currency }) => `${name} ${currency}`}
      pagination={false}
      dataSource={bill.sums}
      columns={[
        {
          title: t.result,
          dataIndex: "class",
          render: (name: string) => (
            <Link to={`/items?channel=${bill.channel}&day=${bill.day}`}>
              <StateTag state={name} states={LINES} />
            </Link>
          ),
        },
        { title: t.lines, dataIndex: "lines", align: "end" },
        { title: t.sum, dataIndex: "line_sum", align: "end", render: (minor: number, { currency }) => <Money minor={minor} currency={currency} /> },
        { title: t.ours, dataIndex: "payment_sum", align: "end", render: (minor: number, { currency }) => <Money minor={minor} currency={currency} /> },
      ]}
    />
  );
}

function Decide({ bill }: { bill: Bill }) {
  const t = useWords(words);
  const may = useMay();
  const me = useSession().staff.id;
  const approve = useAct(api.useMutation("post", "/v1/bills/{bill}/approve"));
  const decline = useAct(api.useMutation("post", "/v1/bills/{bill}/decline"));
  const given = { params: { path: { bill: bill.id } } };
  if (bill.state !== "PROPOSED" || !may("proposals:write") || bill.by === me) return null;
  return (
    <Flex gap={6} align="center">
      <Popconfirm title={t.sure} onConfirm={() => approve.run(given)}>
        <Button size="small" type="primary" loading={approve.busy}>
          {t.approve}
        </Button>
      </Popconfirm>
      <Button size="small" danger loading={decline.busy} onClick={() => decline.run(given)}>
        {t.decline}
      </Button>
      <Typography.Text type="secondary">{bill.name}</Typography.Text>
    </Flex>
  );
}
