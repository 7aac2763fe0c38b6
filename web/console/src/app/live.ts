// What changed at the server is read again, without a reload.

import { useEffect } from "react";
import { queries } from "./client";

// A kind of object, as `GET /v1/live` names it, and the addresses whose answers it changes.
const READ: Record<string, string[]> = {
  payments: ["/v1/payments", "/v1/overview", "/v1/accounts"],
  refunds: ["/v1/refunds", "/v1/payments"],
  cases: ["/v1/cases", "/v1/overview", "/v1/waiting"],
  proposals: ["/v1/proposals", "/v1/rules", "/v1/waiting"],
};
const PAUSE_MS = 2_000;

/** While the page is open. Where the line breaks the browser opens it again by itself. */
export function useLive(): void {
  useEffect(() => {
    const changed = new Set<string>();
    let timer: number | undefined;
    const read = () => {
      timer = undefined;
      const paths = [...changed];
      changed.clear();
      void queries.invalidateQueries({
        predicate: ({ queryKey }) => paths.some((path) => String(queryKey[1]).startsWith(path)),
      });
    };
    const stream = new EventSource("/v1/live");
    stream.addEventListener("changed", (event: MessageEvent<string>) => {
      for (const kind of Object.keys(JSON.parse(event.data)))
        for (const path of READ[kind] ?? [`/v1/${kind}`]) changed.add(path);
      timer ??= window.setTimeout(read, PAUSE_MS);
    });
    return () => {
      stream.close();
      window.clearTimeout(timer);
    };
  }, []);
}
