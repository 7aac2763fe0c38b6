// The checkout of the page: read, followed while a payment is under way, acted on.

import { useCallback, useEffect, useRef, useState } from "react";
import { ask, Problem, type Schemas } from "./api";
import { recall, remember } from "./memory";

export type Checkout = Schemas["CheckoutPage"];
export type Payment = NonNullable<Checkout["payment"]>;
export interface Opened {
  checkout: string;
  key: string;
}

const PLACE = "anfu-pay-";
// As long between two looks, by how many there were: quick at first, gentle later.
const WAITS_MS = [1_000, 1_000, 1_500, 2_000, 3_000, 5_000];

/** What opens the page: in its address, or known from before the payer went to a network. */
export function keyOf(id: string, given: string): string | null {
  if (given) remember(PLACE + id, given);
  return given || recall(PLACE + id);
}

export interface Following {
  page: Checkout | null;
  /** Our clock less that of the device, milliseconds. */
  skew_ms: number;
  problem: Problem | null;
  show: (page: Checkout) => void;
  refresh: () => Promise<void>;
}

/** The page's checkout; looked at again and again while `follow` says so. */
export function useCheckout(
  opened: Opened,
  follow: (page: Checkout) => boolean,
  draw = false,
): Following {
  const [page, setPage] = useState<Checkout | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [looks, setLooks] = useState(0);
  const skew = useRef(0);
  const newest = useRef(0);

  const show = useCallback((next: Checkout) => {
    skew.current = Date.parse(next.now) - Date.now();
    setPage((before) => (draw ? { ...next, code: next.code ?? before?.code ?? null } : next));
    setProblem(null);
  }, [draw]);

  const refresh = useCallback(async () => {
    const turn = ++newest.current;
    try {
      const next = await ask("/v1/checkout/session", { ...opened, draw });
      if (turn === newest.current) show(next); // an answer that was overtaken tells of the past
    } catch (error) {
      if (error instanceof Problem) setProblem(error);
      else throw error;
    }
  }, [opened, draw, show]);

  useEffect(() => void refresh(), [refresh]);
  const going = page === null ? problem?.code === "offline" : follow(page);
  useEffect(() => {
    if (!going) return setLooks(0);
    const wait = WAITS_MS[Math.min(looks, WAITS_MS.length - 1)];
    const timer = setTimeout(() => void refresh().then(() => setLooks((n) => n + 1)), wait);
    return () => clearTimeout(timer);
  }, [going, looks, refresh]);
  useEffect(() => {
    const look = () => document.visibilityState === "visible" && void refresh();
    document.addEventListener("visibilitychange", look);
    addEventListener("online", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      removeEventListener("online", look);
    };
  }, [refresh]);
  return { page, skew_ms: skew.current, problem, show, refresh };
}
