// What stands on a counter: a merchant's code, to be scanned; it can be printed.

import { useWords } from "../app/language";
import { money } from "../app/money";
import { useScan } from "../app/scan";
import { Code } from "../parts/Code";
import { Shell } from "../parts/Shell";
import { Loading, Unread } from "../parts/Status";

export function Shelf({ code }: { code: string }) {
  const words = useWords();
  const { scanned, problem, read } = useScan(code, true);
  if (scanned === null)
    return <Shell>{problem === null ? <Loading /> : <Unread problem={problem} again={read} />}</Shell>;
  const title = scanned.kind === "static" ? words.tillStatic : words.tillTitle;
  return (
    <Shell>
      <section className="card till">
        <p className="payee">{scanned.payee_name}</p>
        {scanned.amount !== null && scanned.currency !== null && (
          <p className="price">{money(scanned.amount, scanned.currency)}</p>
        )}
        <h1>{title}</h1>
        {scanned.drawn !== null && <Code rows={scanned.drawn} label={title} />}
        <p className="hint">{scanned.networks.map((name) => words.methods[name] ?? name).join(" · ")}</p>
      </section>
    </Shell>
  );
}
