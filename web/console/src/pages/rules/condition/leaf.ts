// One test of a condition as a row of the builder, and a row as text.

import type { RuleType } from "react-querybuilder";
import type { Token } from "./tokens";

/** The row of a test that has no form of its own: its text. */
export const SQL = "~sql";

const COMPARISONS = new Set(["=", "<>", "!=", "<", "<=", ">", ">="]);

/** The row that some tokens of `text` say. */
export function leafOf(text: string, tokens: Token[]): RuleType {
  const raw = text.slice(tokens[0].start, tokens[tokens.length - 1].end);
  return known(text, tokens) ?? { field: SQL, operator: "is", value: raw };
}

function known(text: string, tokens: Token[]): RuleType | null {
  const [first, ...rest] = tokens;
  if (first.kind !== "name") return null;
  if (rest[0]?.word === "(") return called(text, tokens);
  const field = first.word.toLowerCase();
  const words = rest.map(({ word, kind }) => (kind === "name" ? word : "")).join(" ").trim();
  if (rest.length === 0) return { field, operator: "true", value: "" };
  if (words === "IS NULL" || words === "IS NOT NULL")
    return { field, operator: words === "IS NULL" ? "null" : "notNull", value: "" };
  if (rest[0].kind === "sign") return compared(field, rest);
  const negated = rest[0].word === "NOT";
  const [how, ...values] = negated ? rest.slice(1) : rest;
  return how === undefined ? null : asked(field, negated, how.word, values);
}

function compared(field: string, [sign, ...rest]: Token[]): RuleType | null {
  if (!COMPARISONS.has(sign.word)) return null;
  const operator = sign.word === "!=" ? "<>" : sign.word;
  if (rest.length === 1 && rest[0].kind === "name" && !["TRUE", "FALSE", "NULL"].includes(rest[0].word))
    return { field, operator, value: rest[0].word.toLowerCase(), valueSource: "field" };
  const value = literal(rest);
  return value === null ? null : { field, operator, value };
}

function asked(field: string, negated: boolean, how: string, values: Token[]): RuleType | null {
  if (how === "BETWEEN" && !negated) {
    const and = values.findIndex(({ word }) => word === "AND");
    const [low, high] = [literal(values.slice(0, and)), literal(values.slice(and + 1))];
    return low === null || high === null ? null : { field, operator: "between", value: [low, high] };
  }
  if (how === "LIKE" && values.length === 1 && values[0].kind === "text")
    return { field, operator: negated ? "notLike" : "like", value: values[0].word };
  if (how !== "IN") return null;
  if (values.length === 2 && values[0].word === "LIST" && values[1].kind === "name")
    return { field, operator: negated ? "notInList" : "inList", value: values[1].word.toLowerCase() };
  const items = listed(values);
  return items === null ? null : { field, operator: negated ? "notIn" : "in", value: items };
}

/** IN_WINDOW(hour, 23, 5) and STARTS_WITH(card, '62'). */
function called(text: string, tokens: Token[]): RuleType | null {
  const [how, , fact, ...rest] = tokens;
  if (fact?.kind !== "name" || rest[rest.length - 1]?.word !== ")") return null;
  const field = text.slice(fact.start, fact.end).toLowerCase();
  const given = rest.slice(0, -1);
  if (how.word === "STARTS_WITH" && given.length === 2 && given[1].kind === "text")
    return { field, operator: "startsWith", value: given[1].word };
  const window = given.map(({ word }) => word).filter((word) => word !== ",");
  if (how.word === "IN_WINDOW" && given.length === 4 && window.every((word) => /^\d+$/.test(word)))
    return { field, operator: "window", value: window };
  return null;
}

function listed(tokens: Token[]): string[] | null {
  if (tokens[0]?.word !== "(" || tokens[tokens.length - 1].word !== ")") return null;
  const groups: Token[][] = [[]];
  for (const token of tokens.slice(1, -1)) {
    if (token.kind === "sign" && token.word === ",") groups.push([]);
    else groups[groups.length - 1].push(token);
  }
  const items = groups.map(literal);
  return items.some((item) => item === null) ? null : (items as string[] /* none is null */);
}

function literal(tokens: Token[]): string | null {
  const [sign, number] = tokens;
  if (tokens.length === 1 && sign.kind !== "name" && sign.kind !== "sign") return sign.word;
  return tokens.length === 2 && sign.word === "-" && number.kind === "number" ? `-${number.word}` : null;
}
