// The page behind a scanned code: the amount where the code asks for none, then the checkout, with
// the network chosen whose app has opened it.

import { type FormEvent, useEffect, useRef, useState } from "react";
import { ask, once } from "../app/api";
import { useWords } from "../app/language";
import { parsed, signOf } from "../app/money";
import { type Scanned, useScan } from "../app/scan";
import { useTask } from "../app/task";
import { Shell } from "../parts/Shell";
import { Loading, Status, Trouble, Unread } from "../parts/Status";

const CURRENCY = "CNY";

export function Scan({ code }: { code: string }) {
  const { scanned, problem, read } = useScan(code, false);
  if (scanned === null)
    return <Shell>{problem === null ? <Loading /> : <Unread problem={problem} again={read} />}</Shell>;
  return (
    <Shell>
      {scanned.networks.length === 0 ? <Nothing /> : <Ask code={code} scanned={scanned} />}
    </Shell>
  );
}

function Nothing() {
  const words = useWords();
  return (
    <section className="card">
      <Status mood="note" title={words.noNetworks} state="no_network" />
    </section>
  );
}

function Ask({ code, scanned }: { code: string; scanned: Scanned }) {
  const words = useWords();
  const task = useTask();
  const [text, setText] = useState("");
  const mark = useRef(once());
  const fixed = scanned.amount !== null;
  const { run } = task;
  const minor = parsed(text, CURRENCY);

  const go = (amount: number | null) =>
    run(async () => {
      const asked = amount === null ? {} : { amount, currency: CURRENCY };
      const made = await ask("/v1/checkout/scan/begin", { code, once: mark.current, ...asked });
      const [path, key] = made.path.split("#");
      const chosen = scanned.network === null ? "" : `?method=${scanned.network}`;
      location.replace(`${path}${chosen}#${key}`);
    });
  const begun = useRef(false);
  useEffect(() => {
    if (!fixed || begun.current) return;
    begun.current = true;
    go(null);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (minor !== null) go(minor);
  };
  if (fixed) return task.problem === null ? <Loading /> : <Unread problem={task.problem} again={() => go(null)} />;
  return (
    <form className="card" onSubmit={submit}>
      <p className="hint">{words.payee}</p>
      <p className="payee" id="payee">{scanned.payee_name}</p>
      <label htmlFor="typed">{words.amountToPay}</label>
      <div className="typed">
        <span aria-hidden="true">{signOf(CURRENCY)}</span>
        <input id="typed" inputMode="decimal" autoComplete="off" autoFocus value={text}
          aria-invalid={text !== "" && minor === null} aria-describedby="typed-hint"
          onChange={(event) => {
            setText(event.target.value);
            mark.current = once();
          }} />
      </div>
      <p id="typed-hint" className="hint" role="status">
        {text !== "" && minor === null ? words.amountWrong : "\u00a0"}
      </p>
      <Trouble problem={task.problem} />
      <button type="submit" className="main" id="next" disabled={task.busy || minor === null}>
        {words.next}
      </button>
    </form>
  );
}
