// A challenge is met: the payer chooses a factor and answers with it.

import { type FormEvent, useId, useState } from "react";
import { useWords } from "../app/language";
import { byPasskey, type Challenge, type Given, type Linked, offered, wasSent } from "../app/proof";
import { useTask } from "../app/task";
import { Trouble } from "./Status";

interface Props {
  challenge: Challenge;
  /** What the page shows, to be signed. */
  linked: Linked;
  answer: (given: Given) => Promise<void>;
  send: () => Promise<void>;
}

export function Proof({ challenge, linked, answer, send }: Props) {
  const words = useWords();
  const task = useTask();
  const [factor, setFactor] = useState<string | null>(null);
  const [sent, setSent] = useState(() => wasSent(challenge));
  const factors = offered(challenge);

  const post = () =>
    task.run(async () => {
      await send();
      setSent(true);
    });
  const choose = (one: string) => {
    if (one === "passkey") return task.run(async () => answer(await byPasskey(challenge, linked)));
    setFactor(one);
    return one === "sms_code" && !sent ? post() : undefined;
  };
  const chosen = factor !== null && factors.includes(factor) ? factor : null;
  return (
    <div className="proof" id="proof" aria-busy={task.busy}>
      <Proven challenge={challenge} />
      <p className="hint">{challenge.proven.length === 0 ? words.confirmWith : words.oneMore}</p>
      {factors.length === 0 && <p>{words.noWay}</p>}
      <div id="ways" className="ways">
        {factors.map((one) => (
          <button key={one} type="button" data-factor={one} disabled={task.busy}
            aria-pressed={chosen === one} onClick={() => choose(one)}>
            <strong>{words.factors[one]}</strong>
            <span>{words.factorHints[one]}</span>
          </button>
        ))}
      </div>
      {chosen !== null && (
        <Answer key={chosen} factor={chosen} busy={task.busy}
          submit={(given) => task.run(() => answer(given))}
          again={chosen === "sms_code" ? post : null} sent={sent} />
      )}
      <Trouble problem={task.problem} />
    </div>
  );
}

/** What is proven stays proven, also after a reload. */
export function Proven({ challenge }: { challenge: Challenge }) {
  const words = useWords();
  if (challenge.proven.length === 0) return null;
  const done = challenge.proven.map((one) => words.factors[one] ?? one).join(", ");
  return (
    <p id="done" className="done" data-state="PENDING">
      {words.confirmed(done)}
    </p>
  );
}

interface AnswerProps {
  factor: string;
  busy: boolean;
  sent: boolean;
  submit: (given: Given) => void;
  again: (() => void) | null;
}

function Answer({ factor, busy, sent, submit, again }: AnswerProps) {
  const words = useWords();
  const id = useId();
  const [content, setContent] = useState("");
  const secret = factor === "password";
  const given = (event: FormEvent) => {
    event.preventDefault();
    submit({ factor, [secret ? "password" : "code"]: content } as Given);
  };
  return (
    <form id="answer" onSubmit={given}>
      <label htmlFor={id}>{words.factors[factor]}</label>
      <input id={id} className={secret ? "" : "digits"} name="content" autoFocus required
        type={secret ? "password" : "text"} inputMode={secret ? "text" : "numeric"}
        autoComplete={secret ? "off" : "one-time-code"} value={content} disabled={busy}
        maxLength={secret ? 64 : 6} pattern={secret ? undefined : "[0-9]{6}"}
        onChange={(event) => setContent(event.target.value)} />
      {again !== null && sent && (
        <p className="hint" role="status">
          {words.sent}
        </p>
      )}
      <button type="submit" className="main" disabled={busy}>
        {words.confirm}
      </button>
      {again !== null && (
        <button type="button" className="link" disabled={busy} onClick={again}>
          {words.sendAgain}
        </button>
      )}
    </form>
  );
}
