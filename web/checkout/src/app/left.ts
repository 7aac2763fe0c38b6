// How long there is left, by our clock.

import { useEffect, useState } from "react";

/** Milliseconds until `end`, told anew each second; null without an end. */
export function useLeft(end: string | null, skew_ms: number): number | null {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (end === null) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [end]);
  return end === null ? null : Date.parse(end) - (now + skew_ms);
}
