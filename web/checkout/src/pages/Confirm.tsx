// The payer of a payment made elsewhere proves it here, by a ticket.

import { useCallback, useEffect, useState } from "react";
import { ask, once, Problem } from "../app/api";
import { useWords } from "../app/language";
import type { Challenge, Given } from "../app/proof";
import { Price } from "../parts/Bill";
import { Deny } from "../parts/Deny";
import { Proof } from "../parts/Proof";
import { Shell } from "../parts/Shell";
import { Loading, type Mood, Status, Unread } from "../parts/Status";

export const MOODS: Record<string, Mood> = {
  SUCCEEDED: "good", SENDING: "wait", UNKNOWN: "wait", AWAITING: "wait", IN_REVIEW: "wait",
};

export function Confirm({ ticket }: { ticket: string }) {
  return (
    <Shell>
      <Confirming ticket={ticket} />
    </Shell>
  );
}

export function Confirming({ ticket }: { ticket: string }) {
  const words = useWords();
  const [challenge, setChallenge] = useState<Challenge | null>(null);
  const [ended, setEnded] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  const read = useCallback(async () => {
    try {
      setChallenge(await ask("/v1/checkout/challenge", { ticket }));
      setProblem(null);
    } catch (error) {
      if (error instanceof Problem) setProblem(error);
      else throw error;
    }
  }, [ticket]);
  useEffect(() => void read(), [read]);

  const stands = async (state: string) => {
    if (state === "CHALLENGED") await read();
    else setEnded(state);
  };
  const answer = async (given: Given) => {
    const { payee, amount, currency } = (challenge as Challenge).linked;
    const said = { ...given, shown: { payee, amount, currency } };
    await stands((await ask("/v1/checkout/answer", { ticket, once: once(), answer: said })).state);
  };
  const send = async () => {
    setChallenge(await ask("/v1/checkout/code", { ticket, once: once() }));
  };
  const deny = async () => {
    await stands((await ask("/v1/checkout/deny", { ticket, once: once() })).state);
  };
  if (challenge === null)
    return problem === null ? <Loading /> : <Unread problem={problem} again={read} />;
  const { linked } = challenge;
  return (
    <>
      {ended !== null && (
        <section className="card">
          <Status mood={MOODS[ended] ?? "bad"} title={words.states[ended] ?? ended} state={ended} />
        </section>
      )}
      <section className="card bill" id="payment">
        <p className="hint">{words.payee}</p>
        <p className="payee" id="payee">
          {challenge.payee_name}
        </p>
        <Price minor={linked.amount} currency={linked.currency} />
        {linked.order !== null && (
          <p className="order" id="order">
            {words.order} <span>{linked.order}</span>
          </p>
        )}
      </section>
      {ended === null && (
        <section className="card">
          <h1>{words.confirmIt}</h1>
          <Proof challenge={challenge} linked={linked} answer={answer} send={send} />
          <div className="aside">
            <Deny deny={deny} />
          </div>
        </section>
      )}
    </>
  );
}
