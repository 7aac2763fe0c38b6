// The catalogue of what rules may read, to be searched.

import { Button, Empty, Flex, Input, Segmented, Table, Tag, Typography } from "antd";
import { useState } from "react";
import { usePreferences } from "../../app/preferences";
import { useSay, useWords } from "../../app/words";
import { reachable } from "../../parts/reachable";
import { type Fact, spanOf, useFacts } from "./facts";
import { PURPOSE } from "./names";

type Kind = "ALL" | Fact["kind"];

const words = {
  find: { en: "Find by name or meaning", zh: "按名称或含义查找" },
  ALL: { en: "All", zh: "全部" },
  INPUT: { en: "Of the payment", zh: "本笔支付" },
  FEATURE: { en: "Of what came before", zh: "历史统计" },
  FINDING: { en: "Lists, graph, models", zh: "名单·关系图·模型" },
  name: { en: "Fact", zh: "特征" },
  kind: { en: "Type", zh: "类型" },
  unit: { en: "Unit", zh: "单位" },
  window: { en: "Window", zh: "窗口" },
  purpose: { en: "May be used for", zh: "可用目的" },
  every: { en: "anything", zh: "不限" },
  nullable: { en: "may be unknown", zh: "可为空" },
  kinds: { en: "Kinds of facts", zh: "特征类别" },
  none: { en: "No fact is called so", zh: "没有匹配的特征" },
};
const KINDS: Kind[] = ["ALL", "INPUT", "FEATURE", "FINDING"];

export function FactTable({ onPick }: { onPick?: (name: string) => void }) {
  const t = useWords(words);
  const say = useSay();
  const { language } = usePreferences();
  const { facts, busy } = useFacts();
  const [typed, setTyped] = useState("");
  const [kind, setKind] = useState<Kind>("ALL");
  const wanted = typed.trim().toLowerCase();
  const shown = facts.filter(
    (fact) =>
      (kind === "ALL" || fact.kind === kind) &&
      `${fact.name} ${fact.en} ${fact.zh}`.toLowerCase().includes(wanted),
  );
  return (
    <>
      <Flex wrap gap={8} style={{ marginBottom: 12 }}>
        <Input.Search allowClear aria-label={t.find} placeholder={t.find} value={typed} onChange={(event) => setTyped(event.target.value)} style={{ maxWidth: 280 }} />
        <Segmented aria-label={t.kinds} value={kind} onChange={setKind} options={KINDS.map((value) => ({ value, label: t[value] }))} style={{ maxWidth: "100%", overflowX: "auto" }} />
      </Flex>
      <Table<Fact>
        ref={reachable}
        size="small"
        rowKey="name"
        loading={busy}
        dataSource={shown}
        pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: busy ? " " : <Empty description={t.none} /> }}
        columns={[
          {
            title: t.name,
            key: "name",
            render: (_, fact) => (
              <div style={{ width: 300 }}>
                <Typography.Text className="mono" copyable={onPick === undefined}>
                  {onPick === undefined ? fact.name : <Button type="link" size="small" className="mono" style={{ padding: 0 }} onClick={() => onPick(fact.name)}>{fact.name}</Button>}
                </Typography.Text>
                <br />
                <Typography.Text type="secondary" style={{ whiteSpace: "normal" }}>
                  {say(fact.en, fact.zh)}
                </Typography.Text>
              </div>
            ),
          },
          {
            title: t.kind,
            key: "type",
            render: (_, { type, nullable }) => (
              <>
                {type}
                <br />
                {nullable && <small>{t.nullable}</small>}
              </>
            ),
          },
          { title: t.unit, key: "unit", render: (_, { unit }) => unit },
          { title: t.window, key: "window", render: (_, { window_s }) => (window_s === null ? "—" : spanOf(window_s, language)) },
          {
            title: t.purpose,
            key: "purposes",
            render: (_, { purposes }) =>
              purposes.length === 4 ? t.every : purposes.map((purpose) => <Tag key={purpose}>{PURPOSE[purpose][language]}</Tag>),
          },
        ]}
      />
    </>
  );
}
