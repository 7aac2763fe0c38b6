// The text of a condition, with what is said of it marked in its place.

import { useMemo } from "react";
import "./condition.css";

export interface Mark {
  start: number;
  end: number;
  severity: string;
}

interface SqlTextProps {
  id?: string;
  label: string;
  value: string;
  marks: Mark[];
  onChange: (value: string) => void;
}

export function SqlText({ id, label, value, marks, onChange }: SqlTextProps) {
  const pieces = useMemo(() => piecesOf(value, marks), [value, marks]);
  return (
    <div className="sql">
      <pre aria-hidden>
        {pieces.map(({ start, text, severity }) =>
          severity === undefined ? text : (
            <mark key={start} className={severity}>
              {text}
            </mark>
          ),
        )}
        {"\n"}
      </pre>
      <textarea
        id={id}
        aria-label={label}
        spellCheck={false}
        autoCapitalize="off"
        maxLength={4_000}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

/** The text cut where marks begin and end; of marks that overlap the first one is drawn. */
function piecesOf(text: string, marks: Mark[]): { start: number; text: string; severity?: string }[] {
  const pieces = [];
  let at = 0;
  for (const { start, end, severity } of [...marks].sort((a, b) => a.start - b.start)) {
    if (start < at || start >= text.length) continue;
    if (start > at) pieces.push({ start: at, text: text.slice(at, start) });
    pieces.push({ start, text: text.slice(start, end), severity });
    at = end;
  }
  pieces.push({ start: at, text: text.slice(at) });
  return pieces;
}
