// From the text of a condition to what the builder shows. Everything has a place there: what has no
// form of its own is a row of text.

import type { RuleGroupType, RuleType } from "react-querybuilder";
import { leafOf } from "./leaf";
import { type Token, tokensOf } from "./tokens";

type Part = RuleGroupType | RuleType;

/** The condition as a group; null where the text is no condition, or is not finished. */
export function readCondition(text: string): RuleGroupType | null {
  const tokens = tokensOf(text);
  if (tokens === null) return null;
  if (tokens.length === 0) return { combinator: "and", rules: [] };
  const reader = new Reader(text, tokens);
  const part = reader.any();
  if (part === null || !reader.done) return null;
  return "rules" in part ? part : { combinator: "and", rules: [part] };
}

class Reader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly tokens: Token[],
  ) {}

  get done(): boolean {
    return this.at === this.tokens.length;
  }

  any(): Part | null {
    return this.joined("OR", "or", () => this.joined("AND", "and", () => this.one()));
  }

  private joined(word: string, combinator: string, next: () => Part | null): Part | null {
    const rules: Part[] = [];
    do {
      const part = next();
      if (part === null) return null;
      rules.push(part);
    } while (this.take(word));
    return rules.length === 1 ? rules[0] : { combinator, rules };
  }

  private one(): Part | null {
    if (this.take("NOT")) {
      const part = this.one();
      return part === null ? null : negated(part);
    }
    return this.group() ?? this.leaf();
  }

  /** A group in parentheses, unless these belong to an expression, as in `(a + b) > 3`. */
  private group(): Part | null {
    const start = this.at;
    if (!this.take("(")) return null;
    const part = this.any();
    const closed = part !== null && this.take(")");
    const next = this.tokens[this.at];
    if (closed && (next === undefined || ["AND", "OR", ")"].includes(next.word))) return part;
    this.at = start;
    return null;
  }

  /** All up to the next AND, OR or closing parenthesis that is not inside something else. */
  private leaf(): Part | null {
    const start = this.at;
    let depth = 0;
    let between = false;
    for (; this.at < this.tokens.length; this.at++) {
      const { kind, word: said } = this.tokens[this.at];
      const word = kind === "text" ? "" : said;
      if (word === "(" || word === "CASE") depth++;
      else if (word === "END" || (word === ")" && depth > 0)) depth--;
      else if (depth > 0) continue;
      else if (word === "BETWEEN") between = true;
      else if (word === "AND" && between) between = false;
      else if (word === "AND" || word === "OR" || word === ")") break;
    }
    return depth !== 0 || this.at === start ? null : leafOf(this.text, this.tokens.slice(start, this.at));
  }

  private take(word: string): boolean {
    const token = this.tokens[this.at];
    const met = token !== undefined && token.kind !== "text" && token.word === word;
    if (met) this.at++;
    return met;
  }
}

function negated(part: Part): Part {
  if ("rules" in part) return { ...part, not: !part.not };
  if (part.operator === "true") return { ...part, operator: "false" };
  return { combinator: "and", not: true, rules: [part] };
}
