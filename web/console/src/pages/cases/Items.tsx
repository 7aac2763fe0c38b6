// The payments of a case, with why each was held; one is looked at, some may be chosen for a verdict.

import { Button, Table, Tag } from "antd";
import { useSay, useWords } from "../../app/words";
import { Id } from "../../parts/Id";
import { Money } from "../../parts/Money";
import { Ago } from "../../parts/Moment";
import { reachable } from "../../parts/reachable";
import { StateTag } from "../../parts/StateTag";
import { factsOf, type Item, VERDICT } from "./names";

const words = {
  look: { en: "Look at", zh: "查看" },
  looked: { en: "Shown below", zh: "下方所示" },
  payment: { en: "Payment", zh: "支付" },
  amount: { en: "Amount", zh: "金额" },
  parties: { en: "Payer → payee", zh: "付款方 → 收款方" },
  why: { en: "Why it was held", zh: "触发原因" },
  score: { en: "Score", zh: "评分" },
  model: { en: "model", zh: "模型" },
  lists: { en: "list", zh: "名单" },
  waits: { en: "Waits until", zh: "等待至" },
  state: { en: "State", zh: "状态" },
  fraud: { en: "Told to be fraud", zh: "已标记欺诈" },
  honest: { en: "Told to be honest", zh: "已标记正常" },
};

interface ItemsProps {
  items: Item[];
  currency: string;
  at: number;
  onAt: (index: number) => void;
  chosen: string[];
  onChosen: (decisions: string[]) => void;
}

export function Items({ items, currency, at, onAt, chosen, onChosen }: ItemsProps) {
  const t = useWords(words);
  const several = items.length > 1;
  return (
    <Table<Item>
      ref={reachable}
      size="small"
      rowKey="decision"
      dataSource={items}
      pagination={false}
      scroll={{ x: "max-content" }}
      style={{ marginBottom: 16 }}
      rowClassName={(_, index) => (several && index === at ? "row-at" : "")}
      rowSelection={
        several
          ? {
              hideSelectAll: true,
              selectedRowKeys: chosen,
              onChange: (keys) => onChosen(keys.map(String)),
              getCheckboxProps: ({ verdict, fate }) => ({ disabled: verdict !== null || fate !== null }),
            }
          : undefined
      }
      columns={[
        { title: t.payment, render: (_, { event }) => <Id id={event} /> },
        { title: t.amount, align: "end", render: (_, { amount }) => <Money minor={amount} currency={currency} /> },
        {
          title: t.parties,
          render: (_, item) => (
            <>
              <Id id={String(factsOf(item).payer)} /> → <Id id={String(factsOf(item).payee)} />
            </>
          ),
        },
        { title: t.why, render: (_, item) => <Why item={item} /> },
        { title: t.score, align: "end", render: (_, { score }) => <strong className="number">{score}</strong> },
        { title: t.state, render: (_, item) => <Standing item={item} /> },
        { title: t.waits, render: (_, { waits_until }) => (waits_until === null ? "—" : <Ago at={waits_until} />) },
        ...(several
          ? [
              {
                title: "",
                render: (_: unknown, __: Item, index: number) => (
                  <Button size="small" disabled={index === at} onClick={() => onAt(index)}>
                    {index === at ? t.looked : t.look}
                  </Button>
                ),
              },
            ]
          : []),
      ]}
    />
  );
}

function Why({ item }: { item: Item }) {
  const t = useWords(words);
  const say = useSay();
  const { reasons, list_hits } = item;
  const { model_score } = factsOf(item);
  return (
    <ul className="why">
      {reasons.map(({ code, en, zh }) => (
        <li key={code} title={code}>
          {say(en, zh) || code}
        </li>
      ))}
      {list_hits.map((hit) => (
        <li key={hit}>
          {t.lists}: <code>{hit}</code>
        </li>
      ))}
      {typeof model_score === "number" && (
        <li>
          {t.model}: {model_score.toFixed(4)}
        </li>
      )}
    </ul>
  );
}

function Standing({ item: { verdict, payment, fate, label } }: { item: Item }) {
  const t = useWords(words);
  return (
    <>
      {verdict !== null && <StateTag state={verdict} states={VERDICT} />}{" "}
      {(payment ?? fate) !== null && <StateTag state={payment ?? fate ?? ""} />}{" "}
      {label !== null && <Tag color={label === "FRAUD" ? "error" : "success"}>{label === "FRAUD" ? t.fraud : t.honest}</Tag>}
    </>
  );
}
