// Comma-separated values (RFC 4180) that a spreadsheet does not take for formulas.

interface Named<Row> {
  title: string;
  render: (row: Row) => unknown;
  text?: (row: Row) => string | number | null;
}

const FORMULA = /^[=+\-@\t\r]/;

function cell(value: unknown): string {
  if (value === null || value === undefined || typeof value === "object") return "";
  const text = String(value);
  const safe = typeof value === "string" && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A head and a line for each row. */
export function csvOf<Row>(columns: Named<Row>[], rows: Row[]): string {
  const lines = rows.map((row) => columns.map(({ render, text }) => cell((text ?? render)(row))));
  return [columns.map(({ title }) => cell(title)), ...lines].map((line) => line.join(",")).join("\r\n");
}

/** Hand a text to the person as a file; a mark in front tells spreadsheets that it is UTF-8. */
export function saveFile(name: string, text: string, type = "text/csv"): void {
  const mark = type === "text/csv" ? "\uFEFF" : "";
  const url = URL.createObjectURL(new Blob([mark, text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
