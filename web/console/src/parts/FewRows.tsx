// A table of few rows as HTML has them. The first page shows such ones alone, and so does not wait
// for Ant Design's, which pages through rows, sorts, filters and selects them.

import { theme } from "antd";
import type { CSSProperties, ReactNode } from "react";

export interface Cell<Row> {
  title: string;
  show: (row: Row) => ReactNode;
  /** Numbers stand under one another at the end of their column. */
  number?: boolean;
}

interface FewRowsProps<Row> {
  label: string;
  cells: Cell<Row>[];
  rows: readonly Row[];
  of: (row: Row) => string;
}

/** `of` tells one row from the others. Too wide for the page, it is scrolled by itself, also by keyboard. */
export function FewRows<Row>({ label, cells, rows, of }: FewRowsProps<Row>) {
  const { token } = theme.useToken();
  const look = (cell: Cell<Row>): CSSProperties => ({
    padding: "8px",
    textAlign: cell.number ? "end" : "start",
    borderBottom: `1px solid ${token.colorBorderSecondary}`,
    whiteSpace: "nowrap",
  });
  return (
    <section aria-label={label} tabIndex={0} style={{ overflowX: "auto" }}>
      <table style={{ width: "100%", borderCollapse: "collapse", lineHeight: token.lineHeight }}>
        <thead style={{ background: token.colorFillQuaternary }}>
          <tr>
            {cells.map((cell) => (
              <th key={cell.title} scope="col" style={{ ...look(cell), fontWeight: token.fontWeightStrong }}>
                {cell.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={of(row)}>
              {cells.map((cell) => (
                <td key={cell.title} className={cell.number ? "number" : undefined} style={look(cell)}>
                  {cell.show(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
