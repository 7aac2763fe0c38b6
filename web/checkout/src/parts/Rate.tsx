// Satisfaction in one tap, and a comment for whoever has more to say.

import { type FormEvent, useState } from "react";
import { ask, once } from "../app/api";
import type { Checkout, Opened } from "../app/checkout";
import { useWords } from "../app/language";
import { useTask } from "../app/task";
import { Trouble } from "./Status";

const MOUTHS = ["M15 33q9-9 18 0", "M16 32q8-5 16 0", "M16 31h16", "M16 29q8 6 16 0", "M14 28q10 11 20 0"];

interface Props {
  page: Checkout;
  opened: Opened;
  show: (page: Checkout) => void;
}

export function Rate({ page, opened, show }: Props) {
  const words = useWords();
  const task = useTask();
  const [comment, setComment] = useState("");
  // What was tapped stands at once; the server hears of it behind.
  const [tapped, setTapped] = useState<number | null>(null);
  const score = tapped ?? page.feedback?.score ?? null;
  const say = (next: number, text?: string) =>
    task.run(async () => {
      setTapped(next);
      const said = { ...opened, once: once(), score: next, ...(text ? { comment: text } : {}) };
      show(await ask("/v1/checkout/feedback", said));
    });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (score !== null && comment.trim() !== "") say(score, comment.trim());
  };
  return (
    <section className="card rate" id="rate">
      <fieldset aria-busy={task.busy}>
        <legend>{score === null ? words.rate : words.thanks}</legend>
        <div className="faces">
          {words.scores.map((name, index) => (
            <label key={name} className="face">
              <input type="radio" name="score" value={index + 1} checked={score === index + 1}
                onChange={() => say(index + 1)} />
              <svg viewBox="0 0 48 48" aria-hidden="true">
                <circle cx="24" cy="24" r="20" />
                <path d="M18 19v2M30 19v2" />
                <path d={MOUTHS[index]} />
              </svg>
              <span>{name}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {score !== null && page.feedback?.commented !== true && (
        <form onSubmit={send}>
          <label htmlFor="comment">{words.comment}</label>
          <textarea id="comment" rows={2} maxLength={500} value={comment}
            placeholder={words.commentHint} onChange={(event) => setComment(event.target.value)} />
          <button type="submit" disabled={task.busy || comment.trim() === ""}>
            {words.send}
          </button>
        </form>
      )}
      {page.feedback?.commented === true && <p className="done">{words.commented}</p>}
      <Trouble problem={task.problem} />
    </section>
  );
}
