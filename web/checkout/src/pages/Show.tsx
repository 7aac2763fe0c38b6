// A customer shows payer's codes to a till. None stands on the screen before it is asked for, nor
// when the screen is left: whoever sees one can take money.

import { useEffect, useRef, useState } from "react";
import type { Problem } from "../app/api";
import { useWords } from "../app/language";
import { isGoing, type ShownCode, type Showing, type ShownPayment, useCode, useShowing } from "../app/showing";
import { Bars } from "../parts/Bars";
import { Price } from "../parts/Bill";
import { Code } from "../parts/Code";
import { useReason } from "../parts/reason";
import { Shell } from "../parts/Shell";
import { Loading, Status, Trouble, Unread } from "../parts/Status";
import { Confirming, MOODS } from "./Confirm";

const OVER = ["ticket_expired", "showing_over", "showing_used_up"];

export function Show({ ticket }: { ticket: string }) {
  const words = useWords();
  const [shown, setShown] = useState(false);
  const { page, problem, refresh } = useShowing(ticket, shown);
  const { code, problem: trouble } = useCode(ticket, shown);
  const before = useRef<string | null>(null);
  const payment = page?.payment ?? null;
  const open = () => {
    before.current = payment?.id ?? null;
    setShown(true);
  };
  useEffect(() => {
    if (payment !== null && payment.id !== before.current) setShown(false);
  }, [payment]);
  useEffect(() => {
    const leave = () => document.visibilityState === "hidden" && setShown(false);
    document.addEventListener("visibilitychange", leave);
    return () => document.removeEventListener("visibilitychange", leave);
  }, []);
  const end = trouble ?? problem;
  if (end !== null && OVER.includes(end.code)) return <Over state={end.code} />;
  if (page === null)
    return <Shell>{problem === null ? <Loading /> : <Unread problem={problem} again={refresh} />}</Shell>;
  return (
    <Shell>
      {problem?.code === "offline" && <p className="banner" role="alert">{words.offlineBanner}</p>}
      {payment !== null && !shown && <Paid key={payment.id} payment={payment} />}
      {shown ? (
        <Open page={page} code={code} trouble={trouble} close={() => setShown(false)} />
      ) : (
        !isGoing(payment) && <Closed first={payment === null} open={open} />
      )}
    </Shell>
  );
}

function Over({ state }: { state: string }) {
  const words = useWords();
  return (
    <Shell>
      <section className="card">
        <Status mood="note" title={words.showOver} state={state}>
          <p>{words.showOverNext}</p>
        </Status>
      </section>
    </Shell>
  );
}

function Closed({ first, open }: { first: boolean; open: () => void }) {
  const words = useWords();
  return (
    <section className="card till" id="closed">
      {first && <h1>{words.showTitle}</h1>}
      {first && <p className="hint">{words.showHint}</p>}
      <button type="button" id="show" className="main" onClick={open}>
        {first ? words.showGo : words.showAgain}
      </button>
    </section>
  );
}

interface OpenProps {
  page: Showing;
  code: ShownCode | null;
  trouble: Problem | null;
  close: () => void;
}

function Open({ page, code, trouble, close }: OpenProps) {
  const words = useWords();
  const [digits, setDigits] = useState(false);
  const from = page.on_file ? words.card : (words.methods[page.method] ?? page.method);
  return (
    <section className="card till" id="open">
      <h1>{words.showTitle}</h1>
      {code !== null && (
        <>
          <Bars modules={code.bars} label={words.showCode} />
          {digits && <p className="spoken" id="digits">{code.code.replace(/(.{4})(?=.)/g, "$1 ")}</p>}
          <Code rows={code.rows} label={words.showCode} />
        </>
      )}
      {code === null && trouble === null && <div className="bone tall" role="status" aria-label={words.loading} />}
      <Trouble problem={trouble} />
      <p className="hint">{words.showFrom(from)}</p>
      <p className="hint">{digits ? words.showDigitsHint : words.showSecret}</p>
      <div className="aside">
        <button type="button" className="link" id="spell" aria-pressed={digits}
          onClick={() => setDigits(!digits)}>
          {digits ? words.showNoDigits : words.showDigits}
        </button>
        <button type="button" className="link" id="hide" onClick={close}>
          {words.showHide}
        </button>
      </div>
    </section>
  );
}

function Paid({ payment }: { payment: ShownPayment }) {
  const words = useWords();
  const { what, next } = useReason(payment.currency, payment);
  // Each answer bears a new ticket; the first is good for as long as the proof is waited for.
  const [ticket] = useState(payment.ticket);
  if (payment.state === "CHALLENGED" && ticket !== null) return <Confirming ticket={ticket} />;
  const mood = MOODS[payment.state] ?? "bad";
  return (
    <section className="card">
      <Status mood={mood} title={words.states[payment.state] ?? payment.state} state={payment.state}>
        <p className="payee">{payment.payee_name}</p>
        <Price minor={payment.amount} currency={payment.currency} />
        {mood === "bad" && <p>{what}</p>}
        {mood === "bad" && next !== null && <p>{next}</p>}
      </Status>
    </section>
  );
}
