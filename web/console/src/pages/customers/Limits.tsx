// What a customer may still pay: by law, by its own wish, and what it has used.

import type { Schemas } from "@anfu/api";
import { Progress, Tooltip, Typography } from "antd";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useSay, useWords } from "../../app/words";
import { moneyColumn, momentColumn, textColumn } from "../../parts/columns";
import type { Column } from "../../parts/ListTable";
import { decimalOf, Money } from "../../parts/Money";
import { Moment } from "../../parts/Moment";
import { ProblemView } from "../../parts/ProblemView";
import { Section } from "../../parts/Section";
import { COUNTS, METRICS, POCKETS, WINDOWS } from "./names";

type Legal = Schemas["LegalLimitDocument"];
type Agreed = Schemas["AgreedLimitDocument"];
type Used = Schemas["UsedDocument"];

const words = {
  legal: { en: "Limits of the law", zh: "法定限额" },
  noLegal: {
    en: "The law bounds persons by the class of their account; a firm is bounded by what is agreed below (银发〔2016〕261号 二(十)).",
    zh: "法定限额按个人支付账户类别适用；单位客户以下方约定限额为准（银发〔2016〕261号 二(十)）。",
  },
  about: {
    en: "Of several rules for one day, the factors and the code of a payment say which one bounds it.",
    zh: "同一时段有多条规则的，按每笔支付所用的验证要素与条码确定适用哪一条。",
  },
  rule: { en: "Rule and law", zh: "规则与依据" },
  when: { en: "Where", zh: "适用情形" },
  window: { en: "Window", zh: "时段" },
  most: { en: "At most", zh: "限额" },
  used: { en: "Used", zh: "已用" },
  left: { en: "Left", zh: "剩余" },
  resets: { en: "Begins anew", zh: "重新起算" },
  strong: { en: "with certificate or signature", zh: "含数字证书或电子签名" },
  two: { en: "two classes of factors", zh: "两类以上要素" },
  fewer: { en: "fewer than two classes", zh: "不足两类要素" },
  all: { en: "always", zh: "一律适用" },
  agreed: { en: "Agreed limits", zh: "约定限额" },
  noAgreed: { en: "The customer has agreed to no limit of its own.", zh: "客户未约定限额。" },
  what: { en: "What", zh: "项目" },
  set: { en: "Since", zh: "设定时间" },
  next: { en: "From then on", zh: "待生效" },
  counted: { en: "Used of what is counted", zh: "已计用量" },
  unlimited: { en: "no limit", zh: "不限" },
  number: { en: "payments", zh: "笔" },
};

export function Limits({ customer }: { customer: string }) {
  const t = useWords(words);
  const { data, error } = api.useQuery("get", "/v1/customers/{customer}/limits", { params: { path: { customer } } });
  if (error !== null) return <ProblemView problem={error} />;
  return (
    <>
      <Section<Legal>
        title={t.legal}
        about={t.about}
        rows={data?.legal}
        of={({ rule, pocket }) => `${rule} ${pocket ?? ""}`}
        columns={useLegalColumns()}
        empty={t.noLegal}
      />
      <Section<Agreed>
        title={t.agreed}
        rows={data?.agreed}
        of={({ metric, window, currency }) => `${metric} ${window} ${currency}`}
        columns={useAgreedColumns()}
        empty={t.noAgreed}
      />
      <Section<Used>
        title={t.counted}
        rows={data?.used}
        of={({ metric, window, currency, pocket }) => `${metric} ${window} ${currency} ${pocket ?? ""}`}
        columns={useUsedColumns()}
      />
    </>
  );
}

function useLegalColumns(): Column<Legal>[] {
  const t = useWords(words);
  const say = useSay();
  const { language } = usePreferences();
  const where = ({ strong, factors_min, factors_max, pocket }: Legal) => {
    const factors = strong ? t.strong : factors_min > 1 ? t.two : factors_max !== null ? t.fewer : t.all;
    return pocket === null ? factors : `${factors} · ${POCKETS[pocket][language]}`;
  };
  return [
    {
      key: "rule",
      title: t.rule,
      text: ({ title, law, article }) => `${say(title.en, title.zh)} ${law} ${article}`,
      render: ({ title, law, article, quote }) => (
        <div style={{ maxWidth: 380, whiteSpace: "normal" }}>
          {say(title.en, title.zh)}{" "}
          <Tooltip title={quote}>
            <Typography.Text type="secondary" underline tabIndex={0} style={{ whiteSpace: "nowrap" }}>
              {law} {article}
            </Typography.Text>
          </Tooltip>
        </div>
      ),
    },
    textColumn("when", t.when, where),
    textColumn("window", t.window, ({ window }) => WINDOWS[window]?.[language] ?? window),
    moneyColumn("most", t.most, ({ most }) => most),
    moneyColumn("used", t.used, ({ used }) => used),
    { key: "left", title: t.left, align: "end", text: (row) => decimalOf(row.left, row.currency), render: (row) => <Left {...row} /> },
    momentColumn("resets", t.resets, ({ resets_at }) => resets_at),
  ];
}

function Left({ left, most, used, currency }: Legal) {
  return (
    <div style={{ minWidth: 110 }}>
      <Money minor={left} currency={currency} />
      {used !== null && (
        <Progress
          percent={most === 0 ? 0 : Math.min(100, (100 * used) / most)}
          showInfo={false}
          size="small"
          style={{ display: "block", marginBottom: 0, lineHeight: 1 }}
          status={left === 0 ? "exception" : "normal"}
          aria-hidden
        />
      )}
    </div>
  );
}

function useAgreedColumns(): Column<Agreed>[] {
  const t = useWords(words);
  const { language } = usePreferences();
  const most = (row: Agreed, amount: number | null) => (amount === null ? t.unlimited : <Amount {...row} amount={amount} />);
  return [
    textColumn("what", t.what, ({ metric }) => METRICS[metric][language]),
    textColumn("window", t.window, ({ window }) => WINDOWS[window][language]),
    { key: "most", title: t.most, align: "end", render: (row) => most(row, row.most) },
    momentColumn("set", t.set, ({ set_at }) => set_at),
    {
      key: "next",
      title: t.next,
      render: (row) =>
        row.next_at === null ? (
          "—"
        ) : (
          <>
            <Moment at={row.next_at} /> {most(row, row.next_most)}
          </>
        ),
    },
  ];
}

function useUsedColumns(): Column<Used>[] {
  const t = useWords(words);
  const { language } = usePreferences();
  return [
    textColumn("what", t.what, ({ metric, pocket }) => {
      const name = METRICS[metric]?.[language] ?? metric;
      return pocket === null ? name : `${name} · ${POCKETS[pocket][language]}`;
    }),
    textColumn("window", t.window, ({ window }) => WINDOWS[window]?.[language] ?? window),
    { key: "used", title: t.used, align: "end", render: (row) => <Amount {...row} /> },
  ];
}

function Amount({ metric, amount, currency }: { metric: string; amount: number; currency: string }) {
  const t = useWords(words);
  if (!COUNTS.has(metric)) return <Money minor={amount} currency={currency} />;
  return (
    <span className="number">
      {amount} {t.number}
    </span>
  );
}
