// What rules may read, as the API tells it.

import type { Schemas } from "@anfu/api";
import { useMemo } from "react";
import { api } from "../../app/client";
import type { Language } from "../../app/preferences";
import { decimalOf } from "../../parts/Money";

export type Fact = Schemas["FactDocument"];

const NONE: Fact[] = [];

/** The catalogue, and each fact of it by its name. */
export function useFacts(): { facts: Fact[]; known: Map<string, Fact>; busy: boolean } {
  const { data, isPending } = api.useQuery("get", "/v1/features", {}, { staleTime: 600_000 });
  const facts = data?.data ?? NONE;
  const known = useMemo(() => new Map(facts.map((fact) => [fact.name, fact])), [facts]);
  return { facts, known, busy: isPending };
}

const TIMES: [number, string, string][] = [
  [86_400, "d", "天"],
  [3_600, "h", "小时"],
  [60, "min", "分钟"],
  [1, "s", "秒"],
];

/** A length of time in its largest whole unit. */
export function spanOf(seconds: number, language: Language): string {
  const [size, en, zh] = TIMES.find(([unit]) => seconds >= unit && seconds % unit === 0) ?? TIMES[3];
  return `${seconds / size} ${language === "zh" ? zh : en}`;
}

/** What a number means in the unit of a fact: amounts in the main unit, seconds as a span. */
export function meaning(fact: Fact | undefined, value: string, language: Language): string | null {
  if (!/^\d{1,15}$/.test(value)) return null;
  if (fact?.unit === "minor") return `= ${decimalOf(Number(value), "CNY")}`;
  return fact?.unit === "s" && Number(value) >= 60 ? `= ${spanOf(Number(value), language)}` : null;
}
