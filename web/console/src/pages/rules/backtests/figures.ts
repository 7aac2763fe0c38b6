// The figures of a back-test, as `anfu backtest` writes them (lab/backtests/figures.py).

export interface Sum {
  count: number;
  value: number;
}

export interface Share {
  hits: number;
  of: number;
  share: number | null;
  low: number | null;
  high: number | null;
}

export type Ends = "all" | "disputed" | "refunded" | "blocked" | "challenged" | "reviewed" | "succeeded";

export interface RuleFigures {
  rule: string;
  reason: string;
  typology: string | null;
  held: Sum;
  caught: Sum;
  alarms: Sum;
  precision: Share;
}

export interface Figures {
  span: { start: string; end: string; cutoff: string; label_delay_days: number; days: number; open: Sum; unknown: string[] };
  whole: boolean;
  everything: Record<Ends, Sum>;
  acted: Record<Ends, Sum>;
  alert_rate: Share;
  judged: {
    caught: Sum;
    missed: Sum;
    alarms: Sum;
    honest: Sum;
    precision: Share;
    recall: Share;
    false_alarm_rate: Share;
    recall_value: number | null;
  };
  change: Record<"fraud_stopped" | "honest_stopped" | "fraud_freed" | "honest_freed", Sum>;
  rules: RuleFigures[];
  typologies: RuleFigures[];
  overlap: {
    rule: string;
    both: Sum;
    tested_only: Sum;
    live_only: Sum;
    fraud_both: number;
    fraud_tested_only: number;
    fraud_live_only: number;
  }[];
  turns: { then: string; now: string; sum: Sum; fraud: number }[];
  days: { day: string; all: Sum; acted: Sum; disputed: Sum; caught: Sum; alarms: Sum }[];
  worst: { event: string; at: string; payer: string; payee: string; amount: number; outcome: string; state: string | null; rules: string[] }[];
}

/** What the API keeps as a free document. */
export function figuresOf(document: object): Figures {
  return document as Figures; // the worker alone writes it
}

/** A share as per cent, a dash where nothing can be said. */
export function percent(share: number | null, places = 2): string {
  return share === null ? "–" : `${(share * 100).toFixed(places)}%`;
}
