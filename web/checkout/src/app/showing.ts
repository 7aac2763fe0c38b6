// Payer's codes that are shown to a till: the next one before the old one ends, and what was paid.

import { useCallback, useEffect, useRef, useState } from "react";
import { ask, Problem, type Schemas } from "./api";

export type Showing = Schemas["ShowingPage"];
export type ShownPayment = NonNullable<Showing["payment"]>;
export type ShownCode = Schemas["ShownCodePage"];

const LOOK_MS = 1_500;
const AHEAD_MS = 10_000;
const RETRY_MS = 2_000;
const GOING = ["CHALLENGED", "SENDING", "UNKNOWN", "AWAITING", "IN_REVIEW"];

export const isGoing = (payment: ShownPayment | null): boolean =>
  payment !== null && GOING.includes(payment.state);

/** What was paid last; looked at again and again while a code is shown or a payment goes on. */
export function useShowing(ticket: string, shown: boolean) {
  const [page, setPage] = useState<Showing | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [looks, setLooks] = useState(0);
  const refresh = useCallback(async () => {
    try {
      setPage(await ask("/v1/checkout/showing", { ticket }));
      setProblem(null);
    } catch (error) {
      if (error instanceof Problem) setProblem(error);
      else throw error;
    }
  }, [ticket]);
  useEffect(() => void refresh(), [refresh]);
  const follow = shown || isGoing(page?.payment ?? null) || problem?.code === "offline";
  useEffect(() => {
    if (!follow) return undefined;
    const timer = setTimeout(() => void refresh().then(() => setLooks((n) => n + 1)), LOOK_MS);
    return () => clearTimeout(timer);
  }, [follow, looks, refresh]);
  return { page, problem, refresh };
}

/** The code to show, while one is to be shown; none whose time is over. */
export function useCode(ticket: string, shown: boolean) {
  const [code, setCode] = useState<ShownCode | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [turn, setTurn] = useState(0);
  const over = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (shown) return undefined;
    clearTimeout(over.current);
    setCode(null);
    setProblem(null);
    return undefined;
  }, [shown]);
  useEffect(() => {
    if (!shown) return undefined;
    let stopped = false;
    let timer: ReturnType<typeof setTimeout>;
    const again = (wait_ms: number) => {
      if (!stopped) timer = setTimeout(() => setTurn((n) => n + 1), wait_ms);
    };
    ask("/v1/checkout/showing/code", { ticket }).then(
      (next) => {
        if (stopped) return;
        const life_ms = Date.parse(next.expires_at) - Date.parse(next.now);
        clearTimeout(over.current);
        over.current = setTimeout(() => setCode(null), life_ms);
        setCode(next);
        setProblem(null);
        again(life_ms - AHEAD_MS);
      },
      (error: unknown) => {
        if (stopped || !(error instanceof Problem)) return;
        setProblem(error);
        if (error.code === "offline") again(RETRY_MS);
      },
    );
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [ticket, shown, turn]);
  return { code, problem };
}
