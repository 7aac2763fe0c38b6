// The API, with what this page knows of who asks.

import { connect, Problem } from "@anfu/api";
import { QueryClient } from "@tanstack/react-query";
import createHooks from "openapi-react-query";
import { language } from "./preferences";

/** Kept in memory alone: gone with the page. */
export const kept: { csrf: string | null; reason: string | null } = { csrf: null, reason: null };

export const SESSION = ["get", "/v1/session"] as const;

export const client = connect({
  language,
  csrf: () => kept.csrf,
  reason: () => kept.reason,
  onEnded: () => {
    if (kept.csrf === null) return;
    kept.csrf = null;
    void queries.invalidateQueries({ queryKey: SESSION });
  },
});

/** `api.useQuery("get", "/v1/payments", …)`, `api.useMutation("post", …)`; errors are Problems. */
export const api = createHooks(client);

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (count, error) => error instanceof Problem && error.status === 0 && count < 3,
    },
  },
});


/** What a call answered; a refusal has been thrown before. */
export async function got<T>(asked: Promise<{ data?: T }>): Promise<T> {
  return (await asked).data as T;
}
