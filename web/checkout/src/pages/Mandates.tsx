// Mandates as their customer sees them: the terms, every use, and the way to end one at once.

import { useCallback, useEffect, useState } from "react";
import { ask, once, Problem, type Schemas } from "../app/api";
import { useWords } from "../app/language";
import { day, money } from "../app/money";
import { useTask } from "../app/task";
import { Shell } from "../parts/Shell";
import { Loading, Trouble, Unread } from "../parts/Status";
import { Terms } from "../parts/Terms";

type Mandate = Schemas["ShownMandate"];
type Use = Schemas["ShownUse"];

export function Mandates({ ticket }: { ticket: string }) {
  const words = useWords();
  const [mandates, setMandates] = useState<Mandate[] | null>(null);
  const [ended, setEnded] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const read = useCallback(async () => {
    try {
      setMandates((await ask("/v1/checkout/mandates", { ticket })).data);
      setProblem(null);
    } catch (error) {
      if (error instanceof Problem) setProblem(error);
      else throw error;
    }
  }, [ticket]);
  useEffect(() => void read(), [read]);
  const end = async (mandate: string) => {
    const after = await ask("/v1/checkout/mandates/revoke", { ticket, once: once(), mandate });
    await read();
    setEnded(after.state);
  };
  if (mandates === null)
    return <Shell>{problem === null ? <Loading /> : <Unread problem={problem} again={read} />}</Shell>;
  return (
    <Shell>
      <h1 className="title">{words.mandates}</h1>
      {ended !== null && (
        <p className="banner good" id="result" role="status" data-state={ended}>
          {words.mandateStates[ended]}
        </p>
      )}
      {mandates.length === 0 && <section className="card">{words.noMandates}</section>}
      {mandates.map((mandate) => (
        <One key={mandate.id} mandate={mandate} ticket={ticket} end={end} />
      ))}
    </Shell>
  );
}

interface OneProps {
  mandate: Mandate;
  ticket: string;
  end: (mandate: string) => Promise<void>;
}

function One({ mandate, ticket, end }: OneProps) {
  const words = useWords();
  const task = useTask();
  const open = mandate.state === "ACTIVE" || mandate.state === "PENDING";
  return (
    <article className="card" data-mandate={mandate.id}>
      <h2>{mandate.merchant_name}</h2>
      <p className={`pill ${mandate.state}`} data-state={mandate.state}>
        {words.mandateStates[mandate.state]}
      </p>
      <Terms mandate={mandate} />
      <Trouble problem={task.problem} />
      {open && (
        <button type="button" disabled={task.busy} onClick={() => task.run(() => end(mandate.id))}>
          {words.endNow}
        </button>
      )}
      <Uses mandate={mandate.id} ticket={ticket} />
    </article>
  );
}

function Uses({ mandate, ticket }: { mandate: string; ticket: string }) {
  const words = useWords();
  const task = useTask();
  const [uses, setUses] = useState<Use[] | null>(null);
  const [more, setMore] = useState(false);
  const { run } = task;
  const read = useCallback(
    (after: string | null) =>
      run(async () => {
        const found = await ask("/v1/checkout/mandates/uses", { ticket, mandate, after });
        setUses((before) => [...(after === null ? [] : (before ?? [])), ...found.data]);
        setMore(found.more);
      }),
    [run, ticket, mandate],
  );
  useEffect(() => read(null), [read]);
  return (
    <div className="uses">
      <h3>{words.uses}</h3>
      {uses?.length === 0 && <p className="hint">{words.noUses}</p>}
      <ul>
        {uses?.map((use) => (
          <li key={use.id} data-state={use.state}>
            <span>{day(use.at)}</span>
            <span className="hint">{words.states[use.state] ?? use.state}</span>
            <span className="sum">{money(use.amount, use.currency)}</span>
          </li>
        ))}
      </ul>
      <Trouble problem={task.problem} />
      {more && (
        <button type="button" className="link" disabled={task.busy}
          onClick={() => read(uses?.at(-1)?.id ?? null)}>
          {words.more}
        </button>
      )}
    </div>
  );
}
