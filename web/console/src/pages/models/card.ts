// The figures of a model's card, as `anfu train` writes them (lab/training/figures.py).

type Point = [number, number];

export interface Grade {
  cutoff: number;
  alerts: number;
  alert_rate: number;
  precision: number | null;
  recall: number | null;
  value_caught: number | null;
  false_alarm_rate: number;
}

/** Of an anomaly model there are `ranking` and `steadiness` alone. */
export interface CardFigures {
  name: string;
  family: string;
  parts: Record<string, { rows: number; frauds: number }>;
  ranking: { auc: number; average_precision: number; roc: Point[]; precision_recall: Point[] };
  reliability?: { brier: number; calibration_error: number; bins: [number, number, number][] };
  grading?: { grades: Record<string, Grade>; cost_of_nothing: number; cost_curve: Point[] };
  fairness?: { false_alarm_rate: number; groups: Record<string, Record<string, { rows: number; false_alarm_rate: number; flagged: boolean }>> };
  steadiness: { score: number; columns: Record<string, number>; along: { day: number; average_precision: number | null }[] };
  importance?: [string, number][];
}

/** What the API keeps as a free document; null where it is none of a card. */
export function cardOf(document: object): CardFigures | null {
  return "ranking" in document && "steadiness" in document ? (document as CardFigures) : null;
}
