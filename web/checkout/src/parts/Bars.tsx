// A code as bars, drawn of the modules that the server tells; black on white in the dark too.

const QUIET = 10;
const HIGH = 48;

export function Bars({ modules, label }: { modules: string; label: string }) {
  const wide = modules.length + 2 * QUIET;
  const dark = Array.from(modules.matchAll(/1+/g), (run) =>
    `M${run.index + QUIET} 4h${run[0].length}v${HIGH - 8}h-${run[0].length}z`,
  );
  return (
    <svg className="bars" viewBox={`0 0 ${wide} ${HIGH}`} role="img" aria-label={label}
      shapeRendering="crispEdges" preserveAspectRatio="none">
      <rect width={wide} height={HIGH} fill="#fff" />
      <path d={dark.join("")} fill="#000" />
    </svg>
  );
}
