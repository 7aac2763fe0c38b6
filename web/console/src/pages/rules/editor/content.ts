// What a rule says while it is being written.

import type { Schemas } from "@anfu/api";

export type Content = Schemas["RuleForm"];

export const EMPTY: Content = {
  id: "",
  condition: "",
  grade: "MIDDLE",
  points: 60,
  reason: "",
  en: "",
  zh: "",
  outcome: null,
  typology: null,
  purpose: "ANTI_FRAUD",
};

/** What the API takes a rule to be written from. */
export function contentOf(rule: Schemas["RuleDocument"] | Schemas["DraftDocument"], id: string): Content {
  const { condition, grade, points, reason, en, zh, outcome, typology, purpose } = rule;
  return { id, condition, grade, points, reason, en, zh, outcome, typology, purpose };
}

const ID = /^[a-z][a-z0-9_]{1,63}$/;
const REASON = /^[A-Z][A-Z0-9_]{1,63}$/;

export type Gap = "id" | "condition" | "reason" | "en" | "zh" | "points";

/** The fields that are not filled in, or not as they must be. */
export function gapsOf(content: Content): Gap[] {
  const right: Record<Gap, boolean> = {
    id: ID.test(content.id),
    condition: content.condition.trim() !== "",
    reason: REASON.test(content.reason),
    en: content.en.trim() !== "",
    zh: content.zh.trim() !== "",
    points: Number.isInteger(content.points) && content.points >= 0 && content.points <= 1_000,
  };
  return (Object.keys(right) as Gap[]).filter((field) => !right[field]);
}

/** Something that can be checked before all of it is written: gaps filled with what says nothing. */
export function checkable(content: Content): Content {
  const gaps = new Set(gapsOf(content));
  return {
    ...content,
    id: gaps.has("id") ? "new_rule" : content.id,
    reason: gaps.has("reason") ? "NEW_RULE" : content.reason,
    en: gaps.has("en") ? "-" : content.en,
    zh: gaps.has("zh") ? "-" : content.zh,
    points: gaps.has("points") ? 0 : content.points,
  };
}
