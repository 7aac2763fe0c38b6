// A condition as rows and groups.

import { useMemo } from "react";
import { type FullField, QueryBuilder, type RuleGroupType } from "react-querybuilder";
import { usePreferences } from "../../../app/preferences";
import { useWords } from "../../../app/words";
import type { Fact } from "../facts";
import { Add, FactChoice, Few, Not, Remove } from "./controls";
import "./condition.css";
import { SQL } from "./leaf";
import { COMPARED, operatorsOf } from "./operators";
import { ValueEditor } from "./ValueEditor";

const words = {
  and: { en: "all of these (AND)", zh: "全部满足 (AND)" },
  or: { en: "any of these (OR)", zh: "任一满足 (OR)" },
  row: { en: "Test", zh: "条件" },
  rowTitle: { en: "Add a test", zh: "添加条件" },
  group: { en: "Group", zh: "条件组" },
  groupTitle: { en: "Add a group of tests", zh: "添加条件组" },
  remove: { en: "Remove this test", zh: "移除此条件" },
  removeGroup: { en: "Remove this group", zh: "移除此条件组" },
  fact: { en: "Fact", zh: "特征" },
  operator: { en: "Comparison", zh: "比较方式" },
  joined: { en: "How the tests are joined", zh: "条件组合方式" },
  source: { en: "Compared with", zh: "比较对象" },
  value: { en: "a value", zh: "数值" },
  other: { en: "a fact", zh: "特征" },
  sql: { en: "what the rows cannot say, in SQL", zh: "以 SQL 书写、无法逐项表示的条件" },
};

/** A fact as the builder knows it. */
export interface Row extends FullField {
  fact?: Fact;
}

const source = (name: "value" | "field", label: string) => ({ name, value: name, label });

interface BuilderProps {
  facts: Fact[];
  group: RuleGroupType;
  onChange: (group: RuleGroupType) => void;
}

const CONTROLS = {
  actionElement: Add,
  removeRuleAction: Remove,
  removeGroupAction: Remove,
  combinatorSelector: Few,
  operatorSelector: Few,
  valueSourceSelector: Few,
  fieldSelector: FactChoice,
  notToggle: Not,
  valueEditor: ValueEditor,
};

export function Builder({ facts, group, onChange }: BuilderProps) {
  const t = useWords(words);
  const { language } = usePreferences();
  const rows = useMemo<Row[]>(
    () => [
      ...facts.map((fact) => ({ name: fact.name, value: fact.name, label: fact[language], fact })),
      { name: SQL, value: SQL, label: t.sql },
    ],
    [facts, language, t],
  );
  const known = useMemo(() => new Map(facts.map((fact) => [fact.name, fact])), [facts]);
  const operators = (name: string) =>
    operatorsOf(known.get(name), name).map((one) => ({ name: one.name, value: one.name, label: one[language] }));
  return (
    <div className="condition">
      <QueryBuilder
        fields={rows}
        query={group}
        onQueryChange={onChange}
        enableMountQueryChange={false}
        controlElements={CONTROLS}
        combinators={[
          { name: "and", value: "and", label: t.and },
          { name: "or", value: "or", label: t.or },
        ]}
        getOperators={operators}
        getDefaultField="amount"
        getDefaultOperator={(name) => operators(name)[0].name}
        getValueSources={(_, operator) => (COMPARED.has(operator) ? [source("value", t.value), source("field", t.other)] : ["value"])}
        addRuleToNewGroups
        showNotToggle
        translations={{
          addRule: { label: t.row, title: t.rowTitle },
          addGroup: { label: t.group, title: t.groupTitle },
          removeRule: { label: "", title: t.remove },
          removeGroup: { label: "", title: t.removeGroup },
          fields: { title: t.fact },
          operators: { title: t.operator },
          combinators: { title: t.joined },
          valueSourceSelector: { title: t.source },
        }}
      />
    </div>
  );
}
