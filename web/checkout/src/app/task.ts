// One thing at a time: while it is under way nothing else is begun, so a second tap is none.

import { useCallback, useRef, useState } from "react";
import { Problem, refusal } from "./api";
import { words } from "./language";

export interface Task {
  busy: boolean;
  problem: Problem | null;
  run: (work: () => Promise<void>) => void;
  clear: () => void;
}

export function useTask(): Task {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const going = useRef(false);
  const run = useCallback((work: () => Promise<void>) => {
    if (going.current) return;
    going.current = true;
    setBusy(true);
    setProblem(null);
    work()
      .catch((error: unknown) => setProblem(problemOf(error)))
      .finally(() => {
        going.current = false;
        setBusy(false);
      });
  }, []);
  return { busy, problem, run, clear: useCallback(() => setProblem(null), []) };
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // Of a passkey: the payer has closed the browser's window, or its time is over.
  const name = error instanceof Error ? error.name : "Error";
  const stopped = name === "NotAllowedError" || name === "AbortError";
  return refusal(name, stopped ? words().passkeyStopped : words().wentWrong);
}
