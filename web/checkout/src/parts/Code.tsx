// A code to be scanned, drawn of the rows that the server tells; black on white in the dark too.

const QUIET = 4;

export function Code({ rows, label }: { rows: string[]; label: string }) {
  const size = rows.length + 2 * QUIET;
  const dark = rows.flatMap((row, y) =>
    Array.from(row.matchAll(/1+/g), (run) => `M${run.index + QUIET} ${y + QUIET}h${run[0].length}v1h-${run[0].length}z`),
  );
  return (
    <svg className="code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}
      shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={dark.join("")} fill="#000" />
    </svg>
  );
}
