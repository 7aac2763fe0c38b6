// Who is signed in, and what that person may do.

import type { Schemas } from "@anfu/api";
import { useQuery } from "@tanstack/react-query";
import { Spin } from "antd";
import { createContext, lazy, type ReactNode, Suspense, useContext } from "react";
import { useLocation } from "react-router";
import { ProblemView } from "../parts/ProblemView";
import { api, kept, queries } from "./client";
import { setClock } from "./clock";

export type Session = Schemas["SessionDocument"];

const asked = api.queryOptions("get", "/v1/session", {}, { staleTime: 60_000 });
void queries.prefetchQuery(asked);

const Context = createContext<Session | null>(null);
const SignIn = lazy(() => import("../pages/signIn/SignIn"));

/** What is inside is shown to whoever has signed in; everybody else is asked to. */
export function SessionGate({ children }: { children: ReactNode }) {
  const { data, error, isPending, dataUpdatedAt } = useQuery({ ...asked, retryOnMount: false });
  const { pathname } = useLocation();
  if (isPending) return <Spin fullscreen />;
  kept.csrf = data?.csrf ?? null;
  if (data !== undefined) setClock(data.now, dataUpdatedAt);
  if (error !== null && error.status !== 401) return <ProblemView problem={error} />;
  if (error !== null || data === undefined)
    return (
      <Suspense fallback={<Spin fullscreen />}>
        <SignIn key={pathname} />
      </Suspense>
    );
  return <Context value={data}>{children}</Context>;
}

export function useSession(): Session {
  const session = useContext(Context);
  if (session === null) throw new Error("useSession outside SessionGate");
  return session;
}

/** Whether the person has the scope. What a page hides the API refuses as well. */
export function useMay(): (scope: string) => boolean {
  const { staff } = useSession();
  return (scope) => staff.scopes.includes(scope);
}
