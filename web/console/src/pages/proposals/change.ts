// A proposal's change as the pages read it (risk/ruling/change.py), and the papers it needs.

import type { Schemas } from "@anfu/api";

type Proposal = Schemas["ProposalDocument"];
export type Rule = Schemas["TestedRule"] & { purpose?: string };

export interface Change {
  why?: string;
  exact?: boolean;
  rules?: Record<string, { before: Rule | null; after: Rule | null }>;
  policy?: Record<string, Record<string, unknown>>[] | null;
}

/** The change of a proposal about rules; of another subject only `why` may be there. */
export function changeOf(proposal: Proposal): Change {
  return proposal.change as Change; // a free document
}

/** The kinds of papers without which nobody may approve it. */
export function missingOf(proposal: Proposal): ("BACKTEST" | "SHADOW")[] {
  if (proposal.subject !== "RULES") return [];
  const { exact, rules = {}, policy } = changeOf(proposal);
  const begins = Object.values(rules).some(({ before, after }) => after?.state === "LIVE" && before?.state !== "LIVE");
  const needed = exact ? [] : begins ? (["BACKTEST", "SHADOW"] as const) : policy ? (["BACKTEST"] as const) : [];
  const there = new Set((proposal.papers ?? []).map(({ kind }) => kind));
  return needed.filter((kind) => !there.has(kind));
}
