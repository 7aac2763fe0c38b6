// Columns of the kinds that most lists have; each knows its cell in a CSV.

import { usePreferences } from "../app/preferences";
import { Id } from "./Id";
import type { Column } from "./ListTable";
import { decimalOf, Money } from "./Money";
import { Moment } from "./Moment";
import { type States, StateTag } from "./StateTag";

type Text = string | null | undefined;

export function idColumn<Row>(key: string, title: string, of: (row: Row) => Text): Column<Row> {
  return { key, title, text: (row) => of(row) ?? null, render: (row) => <Id id={of(row)} /> };
}

export function textColumn<Row>(key: string, title: string, of: (row: Row) => string | number | null | undefined): Column<Row> {
  return { key, title, text: (row) => of(row) ?? null, render: (row) => of(row) ?? "—" };
}

/** Of codes that are words on the screen; a CSV has the codes. */
export function calledColumn<Row>(key: string, title: string, of: (row: Row) => string[], called: (code: string) => string): Column<Row> {
  const text = (row: Row) => of(row).join(" ");
  return { key, title, text, render: (row) => <span title={text(row)}>{of(row).map(called).join(" · ")}</span> };
}

export function numberColumn<Row>(key: string, title: string, of: (row: Row) => number | null): Column<Row> {
  return { ...textColumn(key, title, of), align: "end", className: "number" };
}

export function momentColumn<Row>(key: string, title: string, of: (row: Row) => Text): Column<Row> {
  return { key, title, text: (row) => of(row) ?? null, render: (row) => <Moment at={of(row)} /> };
}

/** Of minor units; a CSV has the decimal. */
export function moneyColumn<Row extends { currency: string }>(
  key: string,
  title: string,
  of: (row: Row) => number | null | undefined,
): Column<Row> {
  const cell = (row: Row, write: (minor: number) => React.ReactNode) => {
    const minor = of(row);
    return minor === null || minor === undefined ? "—" : write(minor);
  };
  return {
    key,
    title,
    align: "end",
    text: (row) => {
      const minor = of(row);
      return minor === null || minor === undefined ? null : decimalOf(minor, row.currency);
    },
    render: (row) => cell(row, (minor) => <Money minor={minor} currency={row.currency} />),
  };
}

export function stateColumn<Row>(key: string, title: string, of: (row: Row) => string | null, states: States): Column<Row> {
  const cell = (state: string | null) => (state === null ? "—" : <StateTag state={state} states={states} />);
  return { key, title, text: of, render: (row) => cell(of(row)) };
}

/** The states as choices of a filter, in the language that is chosen. */
export function useOptions(states: Record<string, { en: string; zh: string }>): { value: string; label: string }[] {
  const { language } = usePreferences();
  return Object.entries(states).map(([value, label]) => ({ value, label: label[language] }));
}
