// The payer proves to be the payer, in place.

import { useCallback, useEffect, useState } from "react";
import { ask, once, Problem } from "../../app/api";
import { useWords } from "../../app/language";
import type { Challenge, Given } from "../../app/proof";
import { useTask } from "../../app/task";
import { Proof } from "../../parts/Proof";
import { Trouble } from "../../parts/Status";
import { Deny } from "../../parts/Deny";
import { orRefresh, type Own } from "./own";

export function Prove(own: Own) {
  const { page, opened, refresh } = own;
  const words = useWords();
  const task = useTask();
  const [challenge, setChallenge] = useState<Challenge | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const ticket = page.payment?.ticket ?? "";

  const read = useCallback(async () => {
    try {
      const found = await ask("/v1/checkout/challenge", { ticket });
      // Nobody confirms another amount than the bill above shows.
      const { amount, currency } = found.linked;
      if (amount !== page.amount || currency !== page.currency) return await refresh();
      setChallenge(found);
    } catch (error) {
      if (error instanceof Problem && error.code !== "payment_not_challenged") setProblem(error);
      else await refresh();
    }
    return undefined;
  }, [ticket, page.amount, page.currency, refresh]);
  // A ticket is new with each look at the page; the challenge is the same for its payment.
  const payment = page.payment?.id;
  useEffect(() => void read(), [payment]);

  const answer = (given: Given) =>
    orRefresh(own, async () => {
      const { payee, amount, currency } = (challenge as Challenge).linked;
      const said = { ...given, shown: { payee, amount, currency } };
      const after = await ask("/v1/checkout/answer", { ticket, once: once(), answer: said });
      await (after.state === "CHALLENGED" ? read() : refresh());
    });
  const send = async () => {
    setChallenge(await ask("/v1/checkout/code", { ticket, once: once() }));
  };
  const giveUp = () =>
    task.run(() =>
      orRefresh(own, async () => {
        own.show(await ask("/v1/checkout/cancel", { ...opened, once: once() }));
      }),
    );
  const deny = () =>
    orRefresh(own, async () => {
      await ask("/v1/checkout/deny", { ticket, once: once() });
      await refresh();
    });
  return (
    <section className="card">
      <h1>{words.confirmIt}</h1>
      {challenge === null ? (
        <div className="bone tall" />
      ) : (
        <Proof challenge={challenge} linked={challenge.linked} answer={answer} send={send} />
      )}
      <Trouble problem={problem ?? task.problem} />
      <div className="aside">
        <button type="button" className="link" onClick={giveUp} disabled={task.busy} id="cancel">
          {words.other_way}
        </button>
        <Deny deny={deny} />
      </div>
    </section>
  );
}
