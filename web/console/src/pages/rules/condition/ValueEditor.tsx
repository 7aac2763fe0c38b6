// What a fact is compared with.

import { Input, Select, Typography } from "antd";
import type { ValueEditorProps } from "react-querybuilder";
import { api } from "../../../app/client";
import { usePreferences } from "../../../app/preferences";
import { useWords } from "../../../app/words";
import { meaning, useFacts } from "../facts";
import { SQL } from "./leaf";
import { BARE, LOOKED_UP, PAIRS, SEVERAL } from "./operators";

const words = {
  value: { en: "Value", zh: "值" },
  from: { en: "From", zh: "起" },
  to: { en: "To", zh: "止" },
  list: { en: "List", zh: "名单" },
  other: { en: "Other fact", zh: "另一特征" },
  sql: { en: "SQL expression", zh: "SQL 表达式" },
};

export function ValueEditor({ field, operator, value, valueSource, handleOnChange }: ValueEditorProps) {
  const t = useWords(words);
  if (BARE.has(operator)) return null;
  if (field === SQL) return <One field={field} label={t.sql} value={value} onChange={handleOnChange} wide />;
  if (LOOKED_UP.has(operator)) return <ListChoice fact={field} value={value} onChange={handleOnChange} />;
  if (valueSource === "field") return <OtherFact fact={field} value={value} onChange={handleOnChange} />;
  if (SEVERAL.has(operator))
    return (
      <Select
        mode="tags"
        aria-label={t.value}
        open={false}
        suffixIcon={null}
        tokenSeparators={[",", " "]}
        value={listOf(value)}
        onChange={handleOnChange}
        style={{ minWidth: 220 }}
      />
    );
  if (!PAIRS.has(operator)) return <One field={field} label={t.value} value={textOf(value)} onChange={handleOnChange} />;
  const [low = "", high = ""] = listOf(value);
  return (
    <>
      <One field={field} label={t.from} value={low} onChange={(given) => handleOnChange([given, high])} />
      <span>–</span>
      <One field={field} label={t.to} value={high} onChange={(given) => handleOnChange([low, given])} />
    </>
  );
}

interface OneProps {
  field: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  wide?: boolean;
}

function One({ field, label, value, onChange, wide = false }: OneProps) {
  const { language } = usePreferences();
  const fact = useFacts().known.get(field);
  const said = meaning(fact, value, language);
  return (
    <span className="condition-value">
      <Input
        className="mono"
        aria-label={label}
        inputMode={fact?.type === "INTEGER" || fact?.type === "DOUBLE" ? "decimal" : "text"}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        style={{ width: wide ? 420 : 130, maxWidth: "100%" }}
      />
      {said !== null && <Typography.Text type="secondary">{said}</Typography.Text>}
    </span>
  );
}

interface ChoiceProps {
  fact: string;
  value: unknown;
  onChange: (value: string) => void;
}

function ListChoice({ fact, value, onChange }: ChoiceProps) {
  const t = useWords(words);
  const { data } = api.useQuery("get", "/v1/lists", {}, { staleTime: 60_000 });
  const fit = (data?.data ?? []).filter(({ inputs }) => inputs.includes(fact));
  return (
    <Select
      aria-label={t.list}
      options={fit.map(({ name }) => ({ value: name, label: name }))}
      value={textOf(value) || undefined}
      onChange={onChange}
      popupMatchSelectWidth={false}
      style={{ minWidth: 180 }}
    />
  );
}

/** Facts of the same unit and kind of value. */
function OtherFact({ fact, value, onChange }: ChoiceProps) {
  const t = useWords(words);
  const { facts, known } = useFacts();
  const numbers = known.get(fact)?.type !== "TEXT";
  const fit = facts.filter(({ name, type, unit }) => name !== fact && (type !== "TEXT") === numbers && unit === known.get(fact)?.unit);
  return (
    <Select
      showSearch
      aria-label={t.other}
      className="mono condition-fact"
      options={fit.map(({ name }) => ({ value: name, label: name }))}
      value={textOf(value) || undefined}
      onChange={onChange}
      popupMatchSelectWidth={false}
    />
  );
}

function listOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String);
  return value === "" || value === undefined || value === null ? [] : [String(value)];
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? String(value[0] ?? "") : String(value ?? "");
}
