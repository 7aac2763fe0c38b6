// What the pages ask: POSTs with a ticket or key in the body, typed by the API's own description.

import { connect, type paths, Problem, type Schemas } from "@anfu/api";
import type { Words } from "./chinese";
import { language } from "./language";

export { Problem, type Schemas };
type Post<P extends keyof paths> = paths[P] extends { post: infer O } ? O : never;
type Json<C> = C extends { content: { "application/json": infer T } } ? T : never;
// What may be null may be left out; an object of free form is described as one without fields.
export type Sent<T> =
  T extends Record<string, never> ? object
  : T extends readonly unknown[] ? T
  : T extends object ?
    { [K in keyof T as null extends T[K] ? never : K]: Sent<T[K]> } & {
      [K in keyof T as null extends T[K] ? K : never]?: Sent<T[K]>;
    }
  : T;
type Body<P extends keyof paths> =
  Post<P> extends { requestBody?: infer B } ? Sent<Json<B>> : never;
type Answer<P extends keyof paths> = Post<P> extends { responses: { 200: infer A } } ? Json<A> : never;

// On a slow line an answer may take long; one that has not come by then will not.
const PATIENCE_MS = 20_000;
const client = connect({ language });
// The client knows each path by itself; here it is called with any of them.
type Send = (path: string, wish: { body: unknown; signal: AbortSignal }) => Promise<{ data: unknown }>;

/** The answer to a request of the page. Throws Problem: a refusal in the language of the page, or
 * a line that failed, whose code is "offline". */
export async function ask<P extends keyof paths>(path: P, body: Body<P>): Promise<Answer<P>> {
  const wish = { body, signal: AbortSignal.timeout(PATIENCE_MS) };
  return (await (client.POST as unknown as Send)(path, wish)).data as Answer<P>;
}

/** What the page itself has to say no to. */
export function refusal(code: string, title: string): Problem {
  const document = { type: "about:blank", title, status: 0, detail: "", code, field: "", details: {} };
  return new Problem(document, 0);
}

/** What went wrong and what to do, in the language of the page. */
export function said(problem: Problem, words: Words): { title: string; detail: string } {
  if (problem.code === "offline") return { title: words.offline, detail: words.offlineNext };
  return problem.document;
}

/** A mark of one wish: the same request again is done once. */
export const once = (): string => crypto.randomUUID();
