// What the payer's device does next: opens the network's page or app, or shows a code to scan.

import { type RefObject, useEffect, useRef } from "react";
import type { Schemas } from "../../app/api";
import type { Payment } from "../../app/checkout";
import { useLeft } from "../../app/left";
import { useWords } from "../../app/language";
import { clock } from "../../app/money";
import { isSafe } from "../../app/scene";
import { Code } from "../../parts/Code";
import { Status } from "../../parts/Status";
import { nameOf } from "./Choose";
import type { Own } from "./own";

interface Props extends Own {
  payment: Payment;
  handover: Schemas["HandoverDocument"];
  /** The payer has just tapped: then the way goes on by itself, once. */
  tapped: RefObject<boolean>;
}

export function Handover({ page, payment, handover, tapped, skew_ms }: Props) {
  const words = useWords();
  const left = useLeft(payment.order_expires_at, skew_ms);
  const name = nameOf(page.methods[payment.method], words);
  if (handover.kind === "CODE")
    return (
      <div className="scan" id="result" role="status" data-state="AWAITING">
        <h1>{words.scanWith(name)}</h1>
        {payment.code !== null && <Code rows={payment.code} label={words.scanWith(name)} />}
        <p className="hint">{words.orSave}</p>
        {left !== null && <p className="hint count">{words.codeLeft(clock(left))}</p>}
      </div>
    );
  if (handover.kind === "CALL")
    return (
      <Status mood="wait" title={words.inApp} state="AWAITING">
        <p>{words.inAppNext}</p>
      </Status>
    );
  return (
    <Status mood="wait" title={words.finishAt(name)} state="AWAITING">
      <p>{words.goesOn}</p>
      {handover.kind === "LINK" ? (
        <Way url={handover.values.url ?? ""} label={words.openNetwork(name)} tapped={tapped} />
      ) : (
        <Filled values={handover.values} label={words.openNetwork(name)} tapped={tapped} />
      )}
    </Status>
  );
}

interface On {
  label: string;
  tapped: RefObject<boolean>;
}

function Way({ url, label, tapped }: On & { url: string }) {
  const safe = isSafe(url);
  useEffect(() => {
    if (!tapped.current || !safe) return;
    tapped.current = false;
    location.assign(url);
  }, [url, safe, tapped]);
  if (!safe) return null;
  return (
    <a className="main" id="open" href={url} rel="noreferrer">
      {label}
    </a>
  );
}

function Filled({ values, label, tapped }: On & { values: Record<string, string> }) {
  const form = useRef<HTMLFormElement>(null);
  const { action = "", ...fields } = values;
  const safe = isSafe(action);
  useEffect(() => {
    if (!tapped.current || !safe) return;
    tapped.current = false;
    form.current?.submit();
  }, [safe, tapped]);
  if (!safe) return null;
  return (
    <form ref={form} method="post" action={action}>
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <button type="submit" className="main" id="open">
        {label}
      </button>
    </form>
  );
}
