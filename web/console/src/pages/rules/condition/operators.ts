// What may be asked of a fact of each type.

import type { Fact } from "../facts";
import { SQL } from "./leaf";

interface Named {
  name: string;
  en: string;
  zh: string;
}

const EQUAL: Named[] = [
  { name: "=", en: "=", zh: "等于 =" },
  { name: "<>", en: "≠", zh: "不等于 ≠" },
];
const ORDER: Named[] = [
  { name: ">=", en: "≥", zh: "不小于 ≥" },
  { name: ">", en: ">", zh: "大于 >" },
  { name: "<=", en: "≤", zh: "不大于 ≤" },
  { name: "<", en: "<", zh: "小于 <" },
  { name: "between", en: "between", zh: "介于" },
];
const AMONG: Named[] = [
  { name: "in", en: "is one of", zh: "属于" },
  { name: "notIn", en: "is none of", zh: "不属于" },
];
const GIVEN: Named[] = [
  { name: "notNull", en: "is known", zh: "有值" },
  { name: "null", en: "is not known", zh: "无值" },
];
const TEXTS: Named[] = [
  { name: "startsWith", en: "starts with", zh: "开头为" },
  { name: "like", en: "is like", zh: "匹配" },
  { name: "notLike", en: "is not like", zh: "不匹配" },
];
const LISTS: Named[] = [
  { name: "inList", en: "is on the list", zh: "在名单中" },
  { name: "notInList", en: "is not on the list", zh: "不在名单中" },
];
const FLAGS: Named[] = [
  { name: "true", en: "is true", zh: "为真" },
  { name: "false", en: "is false", zh: "为假" },
];
const WINDOW: Named[] = [{ name: "window", en: "is from … to before …", zh: "在时段内" }];
const WRITTEN: Named[] = [{ name: "is", en: "is true", zh: "为真" }];

export const COMPARED = new Set([...EQUAL, ...ORDER].map(({ name }) => name).filter((name) => name !== "between"));
export const PAIRS = new Set(["between", "window"]);
export const SEVERAL = new Set(["in", "notIn"]);
export const LOOKED_UP = new Set(["inList", "notInList"]);
export const BARE = new Set(["null", "notNull", "true", "false"]);

/** What may be asked of that fact; `name` is the one of the row. */
export function operatorsOf(fact: Fact | undefined, name: string): Named[] {
  if (name === SQL) return WRITTEN;
  const given = fact?.nullable === false ? [] : GIVEN;
  switch (fact?.type) {
    case "BOOLEAN":
      return [...FLAGS, ...given];
    case "TEXT":
      return [...EQUAL, ...AMONG, ...TEXTS, ...LISTS, ...given];
    default:
      return [...ORDER, ...EQUAL, ...AMONG, ...(fact?.unit === "h" ? WINDOW : []), ...given];
  }
}
