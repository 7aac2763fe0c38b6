// From what the builder shows to the text of a condition.

import type { RuleGroupType, RuleType } from "react-querybuilder";
import { SQL } from "./leaf";
import { readCondition } from "./read";

/** The text; `isText` tells which facts hold texts, whose values are quoted. */
export function writeCondition(group: RuleGroupType, isText: (fact: string) => boolean): string {
  const parts = group.rules.map((part) => {
    if (!("rules" in part)) return writeRow(part, isText);
    const inner = writeCondition(part, isText);
    return part.not || inner === "" ? inner : `(${inner})`;
  });
  const joined = parts.filter((part) => part !== "").join(` ${group.combinator.toUpperCase()} `);
  return group.not && joined !== "" ? `NOT (${joined})` : joined;
}

function writeRow({ field, operator, value, valueSource }: RuleType, isText: (fact: string) => boolean): string {
  const quoted = (item: unknown) => (isText(field) ? quote(String(item)) : String(item).trim());
  const values: unknown[] = Array.isArray(value) ? value : [value];
  switch (operator) {
    case "is":
      return enclosed(String(value).trim());
    case "true":
      return field;
    case "false":
      return `NOT ${field}`;
    case "null":
      return `${field} IS NULL`;
    case "notNull":
      return `${field} IS NOT NULL`;
    case "between":
      return `${field} BETWEEN ${quoted(values[0] ?? "")} AND ${quoted(values[1] ?? "")}`;
    case "in":
      return `${field} IN (${values.map(quoted).join(", ")})`;
    case "notIn":
      return `${field} NOT IN (${values.map(quoted).join(", ")})`;
    case "inList":
      return `${field} IN LIST ${value}`;
    case "notInList":
      return `${field} NOT IN LIST ${value}`;
    case "like":
      return `${field} LIKE ${quote(String(value))}`;
    case "notLike":
      return `${field} NOT LIKE ${quote(String(value))}`;
    case "startsWith":
      return `STARTS_WITH(${field}, ${quote(String(value))})`;
    case "window":
      return `IN_WINDOW(${field}, ${values[0] ?? ""}, ${values[1] ?? ""})`;
    default:
      return `${field} ${operator} ${valueSource === "field" ? value : quoted(value)}`;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** What is more than one test keeps together. */
function enclosed(text: string): string {
  const read = readCondition(text);
  const [only] = read?.rules ?? [];
  const single = read?.not !== true && read?.rules.length === 1 && !("rules" in only) && only.field === SQL;
  return text === "" || single ? text : `(${text})`;
}
