// What risk decided of a payment, and why.

import { useQuery } from "@tanstack/react-query";
import { Button, Flex, Table, Tag, Typography } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api } from "../../app/client";
import { useSay, useWords } from "../../app/words";
import { OUTCOME } from "../../parts/called";
import { ProblemView } from "../../parts/ProblemView";
import { reachable } from "../../parts/reachable";
import { GRADE, StateTag } from "../../parts/StateTag";

interface Said {
  code: string;
  en: string;
  zh: string;
}

export interface DecidedData {
  decision: string;
  outcome: string;
  grade: string;
  score: number;
  reasons: Said[];
  watching: string[];
  lists: string[];
  signals: Said[];
  rule_set: string;
  models: string[];
}

const words = {
  score: { en: "Score", zh: "评分" },
  reasons: { en: "Rules hit", zh: "命中规则" },
  lists: { en: "Lists hit", zh: "命中名单" },
  signals: { en: "Device", zh: "设备异常" },
  watching: { en: "In shadow", zh: "影子规则" },
  rules: { en: "Rule set", zh: "规则集" },
  none: { en: "Nothing spoke against it.", zh: "无不利因素。" },
  why: { en: "Why the model scored so", zh: "模型评分原因" },
  facts: { en: "All facts", zh: "全部特征" },
  fact: { en: "Fact", zh: "因素" },
  value: { en: "Here", zh: "本笔" },
  typical: { en: "Ordinarily", zh: "通常" },
  adds: { en: "Adds", zh: "贡献" },
  unasked: { en: "No model scored it.", zh: "没有模型评分。" },
};

export function Decided({ data }: { data: DecidedData }) {
  const t = useWords(words);
  const [why, setWhy] = useState(false);
  const { reasons, lists, signals, watching } = data;
  const silent = reasons.length + lists.length + signals.length === 0;
  return (
    <>
      <Flex wrap gap={8} align="center" style={{ marginBlock: 4 }}>
        <StateTag state={data.outcome} states={OUTCOME} />
        <StateTag state={data.grade} states={GRADE} />
        <span>
          {t.score} <strong className="number">{data.score}</strong> / 1000
        </span>
        <Typography.Text type="secondary">
          {t.rules} <span className="mono">{data.rule_set.slice(0, 12)}</span>
        </Typography.Text>
      </Flex>
      {silent && <Typography.Text type="secondary">{t.none}</Typography.Text>}
      <Why title={t.reasons} said={reasons} />
      <Why title={t.signals} said={signals} />
      <Names title={t.lists} names={lists} />
      <Names title={t.watching} names={watching} />
      <Flex gap={12} style={{ marginTop: 6 }}>
        {data.models.length > 0 && !why && (
          <Button size="small" onClick={() => setWhy(true)}>
            {t.why}
          </Button>
        )}
        <Link to={`/decisions/${data.decision}`}>{t.facts}</Link>
      </Flex>
      {why && <ModelReasons decision={data.decision} />}
    </>
  );
}

function Why({ title, said }: { title: string; said: Said[] }) {
  const say = useSay();
  if (said.length === 0) return null;
  return (
    <div>
      <Typography.Text type="secondary">{title}</Typography.Text>
      <ul className="reasons">
        {said.map(({ code, en, zh }) => (
          <li key={code}>
            {say(en, zh)} <code>{code}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Names({ title, names }: { title: string; names: string[] }) {
  if (names.length === 0) return null;
  return (
    <div>
      <Typography.Text type="secondary">{title}</Typography.Text>{" "}
      {names.map((name) => (
        <Tag key={name}>{name}</Tag>
      ))}
    </div>
  );
}

/** Each model's reasons, the strongest first. */
export function ModelReasons({ decision }: { decision: string }) {
  const t = useWords(words);
  const say = useSay();
  const { data, error, isPending } = useQuery(
    api.queryOptions("get", "/v1/decisions/{decision}/reasons", { params: { path: { decision } } }),
  );
  if (error !== null) return <ProblemView problem={error} />;
  if (data?.models.length === 0) return <Typography.Text type="secondary">{t.unasked}</Typography.Text>;
  const rows = (data?.models ?? []).flatMap(({ model, reasons }) => reasons.map((one) => ({ ...one, model })));
  const figure = (value: number | null) => (value === null ? "—" : Number(value.toPrecision(6)).toLocaleString());
  return (
    <Table
      ref={reachable}
      size="small"
      rowKey={({ model, code }) => model + code}
      loading={isPending}
      dataSource={rows}
      pagination={false}
      scroll={{ x: "max-content" }}
      style={{ marginTop: 8 }}
      columns={[
        { title: t.fact, render: (_, row) => say(row.en, row.zh) },
        { title: t.value, align: "end", render: (_, row) => figure(row.value) },
        { title: t.typical, align: "end", render: (_, row) => figure(row.typical) },
        { title: t.adds, align: "end", render: (_, row) => `+${row.adds.toFixed(2)}` },
      ]}
    />
  );
}
