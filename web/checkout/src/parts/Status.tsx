// How something stands, in a sign and in words: colour is never the only sign.

import type { ReactNode } from "react";
import { type Problem, said } from "../app/api";
import { useWords } from "../app/language";

export type Mood = "good" | "bad" | "wait" | "note";
const SIGNS: Record<Mood, ReactNode> = {
  good: <path d="M14 25l7 7 14-15" />,
  bad: <path d="M17 17l14 14M31 17L17 31" />,
  wait: <path d="M24 14v10l7 4" />,
  note: <path d="M24 14v13M24 33v.5" />,
};

export function Sign({ mood }: { mood: Mood }) {
  return (
    <svg className={`sign ${mood}`} viewBox="0 0 48 48" aria-hidden="true">
      <circle cx="24" cy="24" r="20" className={mood === "wait" ? "ring" : undefined} />
      {SIGNS[mood]}
    </svg>
  );
}

interface Props {
  mood: Mood;
  title: string;
  state: string;
  children?: ReactNode;
}

/** The result of a page; `state` is for whoever looks for it by program. */
export function Status({ mood, title, state, children }: Props) {
  return (
    <div className="status" id="result" role="status" data-state={state}>
      <Sign mood={mood} />
      <h1>{title}</h1>
      {children}
    </div>
  );
}

/** A refusal, beside what was refused. */
export function Trouble({ problem }: { problem: Problem | null }) {
  const words = useWords();
  if (problem === null) return <div className="trouble" role="alert" />;
  const { title, detail } = said(problem, words);
  return (
    <div className="trouble shown" role="alert" data-state={problem.code}>
      <Sign mood="bad" />
      <p>
        <strong>{title}</strong> {detail}
      </p>
    </div>
  );
}

export function Loading() {
  const words = useWords();
  return (
    <section className="card loading" role="status" aria-label={words.loading}>
      <div className="bone short" />
      <div className="bone tall" />
      <div className="bone" />
      <div className="bone" />
      <div className="bone button" />
    </section>
  );
}

/** A page that could not be read at all. */
export function Unread({ problem, again }: { problem: Problem; again: () => void }) {
  const words = useWords();
  const { title, detail } = said(problem, words);
  return (
    <section className="card">
      <Status mood="bad" title={title} state={problem.code}>
        <p>{detail}</p>
      </Status>
      {problem.code === "offline" && (
        <button type="button" className="main" onClick={again}>
          {words.again}
        </button>
      )}
    </section>
  );
}
