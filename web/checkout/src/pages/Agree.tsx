// The customer agrees to a mandate, or does not. What is proven is a digest of the terms as they
// stand on the screen: other terms than those proposed are refused.

import { useCallback, useEffect, useState } from "react";
import { ask, once, Problem, type Schemas } from "../app/api";
import { useWords } from "../app/language";
import { digest, type Given, hex } from "../app/proof";
import { useTask } from "../app/task";
import { Proof, Proven } from "../parts/Proof";
import { Shell } from "../parts/Shell";
import { Loading, Status, Trouble, Unread } from "../parts/Status";
import { Terms } from "../parts/Terms";

type Asked = Schemas["MandatePage"];

function digestOfTerms({ mandate, merchant, signatory }: Asked): Promise<Uint8Array> {
  const { currency, per_payment, per_day, per_month, purpose, one_tap, ends_at } = mandate;
  return digest({
    v: 2, signatory, merchant, currency, per_payment, per_day, per_month, purpose, one_tap,
    ends_at: Date.parse(ends_at),
  });
}

export function Agree({ ticket }: { ticket: string }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [shown, setShown] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const show = useCallback(async (next: Asked) => {
    setShown(hex(await digestOfTerms(next)));
    setAsked(next);
    setProblem(null);
  }, []);
  const read = useCallback(async () => {
    try {
      await show(await ask("/v1/checkout/mandate", { ticket }));
    } catch (error) {
      if (error instanceof Problem) setProblem(error);
      else throw error;
    }
  }, [ticket, show]);
  useEffect(() => void read(), [read]);
  if (asked === null)
    return <Shell>{problem === null ? <Loading /> : <Unread problem={problem} again={read} />}</Shell>;
  return <Asking asked={asked} shown={shown} ticket={ticket} show={show} read={read} />;
}

interface Props {
  asked: Asked;
  shown: string;
  ticket: string;
  show: (next: Asked) => Promise<void>;
  read: () => Promise<void>;
}

function Asking({ asked, shown, ticket, show, read }: Props) {
  const words = useWords();
  const task = useTask();
  const [agreeing, setAgreeing] = useState(false);
  const { mandate, merchant, challenge } = asked;
  const { per_payment: amount, currency } = mandate;
  const linked = { payment: mandate.id, payee: merchant, amount, currency, order: shown };
  const answer = async (given: Given) => {
    try {
      await show(await ask("/v1/checkout/mandate/answer", { ticket, once: once(), shown, answer: given }));
    } catch (error) {
      if (error instanceof Problem && error.code === "challenge_failed") throw error;
      await read(); // perhaps answered elsewhere
      throw error;
    }
  };
  const send = async () => {
    await ask("/v1/checkout/mandate/code", { ticket, once: once() });
  };
  const decline = () =>
    task.run(async () => {
      try {
        await show(await ask("/v1/checkout/mandate/decline", { ticket, once: once() }));
      } catch {
        await read(); // it ended elsewhere
      }
    });
  return (
    <Shell>
      {challenge === null && (
        <section className="card">
          <Status mood={mandate.state === "ACTIVE" ? "good" : "note"} state={mandate.state}
            title={words.agreeEnds[mandate.state]} />
        </section>
      )}
      <section className="card" id="mandate">
        <p className="hint">{words.agree}</p>
        <h1>{mandate.merchant_name}</h1>
        {challenge !== null && <p>{words.agreeText}</p>}
        <Terms mandate={mandate} />
        {challenge !== null && (
          <div id="consent">
            <p className="hint">{words.agreeChoice}</p>
            <label className="box">
              <input id="agreeing" type="checkbox" autoComplete="off" checked={agreeing}
                onChange={(event) => setAgreeing(event.target.checked)} />
              <span>{words.agreeing}</span>
            </label>
          </div>
        )}
      </section>
      {challenge !== null && (
        <section className="card">
          {agreeing ? (
            <Proof challenge={challenge} linked={linked} answer={answer} send={send} />
          ) : (
            <Proven challenge={challenge} />
          )}
          <Trouble problem={task.problem} />
          <div className="aside">
            <button type="button" className="link" id="refuse" disabled={task.busy} onClick={decline}>
              {words.disagree}
            </button>
          </div>
        </section>
      )}
    </Shell>
  );
}
