// All rules: what they ask, what follows, where they stand.

import type { Schemas } from "@anfu/api";
import { PlusOutlined, UploadOutlined } from "@ant-design/icons";
import { Button, Flex, Typography } from "antd";
import { Link } from "react-router";
import { client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useMay } from "../../app/session";
import { useSay, useWords } from "../../app/words";
import { OUTCOME } from "../../parts/called";
import { Choice, useFilters } from "../../parts/filters";
import { type Column, ListTable } from "../../parts/ListTable";
import { PageHead } from "../../parts/PageHead";
import { GRADE, StateTag } from "../../parts/StateTag";
import { LIFE } from "./names";

type Rule = Schemas["RuleDocument"];

const NAMES = ["state"] as const;
const words = {
  title: { en: "Rules", zh: "规则" },
  about: {
    en: "A draft acts on nothing; every other move takes a second person.",
    zh: "草稿不参与决策；其余变动均须第二人批准。",
  },
  fresh: { en: "New rule", zh: "新建规则" },
  sheet: { en: "Import a decision table", zh: "导入决策表" },
  rule: { en: "Rule", zh: "规则" },
  state: { en: "State", zh: "状态" },
  share: { en: "of payers", zh: "付款人" },
  condition: { en: "Condition", zh: "条件" },
  follows: { en: "Grade", zh: "等级" },
  points: { en: "Points", zh: "分值" },
  draft: { en: "newer draft", zh: "有新草稿" },
  empty: { en: "No rule stands here. Write one, or import a decision table.", zh: "暂无规则。可新建规则或导入决策表。" },
};

export default function Rules() {
  const t = useWords(words);
  const say = useSay();
  const may = useMay();
  const { language } = usePreferences();
  const filters = useFilters(NAMES);
  const columns: Column<Rule>[] = [
    {
      key: "id",
      title: t.rule,
      text: ({ id }) => id,
      render: (rule) => (
        <div style={{ minWidth: 200 }}>
          <Link to={`/rules/${rule.id}`} className="mono">
            {rule.id}
          </Link>
          <br />
          <Typography.Text type="secondary">{say(rule.en, rule.zh)}</Typography.Text>
        </div>
      ),
    },
    {
      key: "state",
      title: t.state,
      text: ({ state }) => state,
      render: (rule) => (
        <Flex vertical gap={2} align="start">
          <StateTag state={rule.state} states={LIFE} />
          {rule.state === "LIVE" && rule.rollout < 100 && <small>{`${rule.rollout}% ${t.share}`}</small>}
          {rule.state !== "DRAFT" && rule.draft !== null && rule.draft.condition !== rule.condition && <small>{t.draft}</small>}
        </Flex>
      ),
    },
    {
      key: "condition",
      title: t.condition,
      text: ({ condition }) => condition,
      render: ({ condition }) => (
        <Typography.Paragraph className="mono" ellipsis={{ rows: 2, tooltip: condition }} style={{ margin: 0, width: 460 }}>
          {condition}
        </Typography.Paragraph>
      ),
    },
    {
      key: "grade",
      title: t.follows,
      text: ({ grade }) => grade,
      render: ({ grade, outcome }) => (
        <Flex gap={4}>
          <StateTag state={grade} states={GRADE} />
          {outcome !== null && <StateTag state={outcome} states={OUTCOME} />}
        </Flex>
      ),
    },
    { key: "points", title: t.points, align: "right", render: ({ points }) => points },
  ];
  const options = Object.entries(LIFE).map(([value, label]) => ({ value, label: label[language] }));
  return (
    <>
      <PageHead
        title={t.title}
        about={t.about}
        actions={
          may("rules:write") && (
            <>
              <Link to="/rule-drafts/import">
                <Button icon={<UploadOutlined />}>{t.sheet}</Button>
              </Link>
              <Link to="/rule-drafts/new">
                <Button type="primary" icon={<PlusOutlined />}>
                  {t.fresh}
                </Button>
              </Link>
            </>
          )
        }
      />
      <ListTable
        name={["/v1/rules", filters.values]}
        read={(at) => got(client.GET("/v1/rules", { params: { query: { ...at, ...(filters.values as { state?: "LIVE" }) } } }))}
        columns={columns}
        to={({ id }) => `/rules/${id}`}
        filters={<Choice filters={filters} name="state" label={t.state} options={options} />}
        empty={t.empty}
        file="rules"
      />
    </>
  );
}
