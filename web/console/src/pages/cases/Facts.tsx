// The facts of a payment, each beside what is usual; what is out of the ordinary is marked.

import { WarningFilled } from "@ant-design/icons";
import { Collapse, Typography } from "antd";
import { Fragment } from "react";
import { usePreferences } from "../../app/preferences";
import { useSay, useWords } from "../../app/words";
import { decimalOf } from "../../parts/Money";
import { GROUPS, type Known } from "./known";
import type { Fact, Facts as FactsOf } from "./names";

const words = {
  fact: { en: "Fact", zh: "特征" },
  here: { en: "This payment", zh: "本笔" },
  usual: { en: "Beside it", zh: "对照" },
  odd: { en: "Out of the ordinary", zh: "异常" },
  all: { en: (count: number) => `All ${count} facts`, zh: (count: number) => `全部 ${count} 项特征` },
};

export function Facts({ facts }: { facts: FactsOf }) {
  const t = useWords(words);
  const say = useSay();
  const write = useWrite(String(facts.currency));
  const known = Object.entries(facts).filter(([, value]) => value !== null && value !== "");
  const groups = GROUPS.map((group) => ({ ...group, facts: group.facts.filter(({ name }) => there(facts[name])) }));
  return (
    <>
      <table className="facts">
        <thead>
          <tr>
            <th scope="col">{t.fact}</th>
            <td>{t.here}</td>
            <td>{t.usual}</td>
          </tr>
        </thead>
        <tbody>
          {groups
            .filter((group) => group.facts.length > 0)
            .map((group) => (
              <Fragment key={group.en}>
                <tr>
                  <th scope="colgroup" colSpan={3} className="group">
                    {say(group.en, group.zh)}
                  </th>
                </tr>
                {group.facts.map((fact) => (
                  <Row key={fact.en} fact={fact} facts={facts} write={write} />
                ))}
              </Fragment>
            ))}
        </tbody>
      </table>
      <Collapse
        ghost
        size="small"
        items={[
          {
            key: "all",
            label: t.all(known.length),
            children: known.map(([name, value]) => (
              <div key={name}>
                <Typography.Text type="secondary" className="mono">
                  {name}
                </Typography.Text>{" "}
                <span className="mono">{String(value)}</span>
              </div>
            )),
          },
        ]}
      />
    </>
  );
}

interface RowProps {
  fact: Known;
  facts: FactsOf;
  write: (value: Fact, unit: Known["unit"]) => string;
}

function Row({ fact, facts, write }: RowProps) {
  const t = useWords(words);
  const say = useSay();
  const value = facts[fact.name];
  const odd = value !== null && fact.odd?.(value) === true;
  return (
    <tr>
      <th scope="row">{say(fact.en, fact.zh)}</th>
      <td className={[odd && "odd", fact.unit === "text" && "text"].filter(Boolean).join(" ")}>
        {odd && <WarningFilled title={t.odd} aria-label={t.odd} />} {write(value, fact.unit)}
      </td>
      <td>{fact.usual && there(facts[fact.usual]) ? write(facts[fact.usual], fact.unit) : ""}</td>
    </tr>
  );
}

function there(value: Fact | undefined): boolean {
  return value !== null && value !== undefined && value !== "";
}

const UNITS: [string, string, number][] = [
  ["d", "天", 86_400],
  ["h", "小时", 3_600],
  ["min", "分钟", 60],
  ["s", "秒", 1],
];

function useWrite(currency: string): RowProps["write"] {
  const { language } = usePreferences();
  return (value, unit) => {
    if (typeof value !== "number") return String(value);
    if (unit === "money") return decimalOf(Math.round(value), currency);
    if (unit === "share") return `${(value * 100).toFixed(1)} %`;
    if (unit === "kilometres") return `${Math.round(value)} km`;
    if (unit === "speed") return `${Math.round(value)} km/h`;
    if (unit === "count") return Number(value.toFixed(1)).toLocaleString();
    const [en, zh, size] = UNITS.find(([, , size]) => value >= size) ?? UNITS[UNITS.length - 1];
    return `${Math.floor(value / size)} ${language === "zh" ? zh : en}`;
  };
}
