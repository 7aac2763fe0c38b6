// What changed at the server is read again, without a reload.

import { useEffect } from "react";
import { queries, SESSION } from "./client";

// Kinds of objects, as `GET /v1/live` names them, whose change is seen at other addresses besides.
const ALSO: Record<string, string[]> = {
  payments: ["/v1/overview", "/v1/accounts"],
  refunds: ["/v1/payments"],
  cases: ["/v1/overview", "/v1/waiting"],
  proposals: ["/v1/rules", "/v1/lists", "/v1/models", "/v1/waiting"],
  reconciliation: ["/v1/bills", "/v1/waiting"],
  applications: ["/v1/merchant", "/v1/waiting"],
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
      for (const kind of (JSON.parse(event.data) as { kinds: string[] }).kinds)
        for (const path of [`/v1/${kind}`, ...(ALSO[kind] ?? [])]) changed.add(path);
      timer ??= window.setTimeout(read, PAUSE_MS);
    });
    stream.addEventListener("end", () => {
      stream.close();
      void queries.invalidateQueries({ queryKey: SESSION });
    });
    return () => {
      stream.close();
      window.clearTimeout(timer);
    };
  }, []);
}
