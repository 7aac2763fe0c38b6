// The API as the pages use it: typed by its own description, safe to call twice, problems as errors.

import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths, ProblemDocument } from "./schema";

export type { paths } from "./schema";
export type Schemas = components["schemas"];

/** A refusal of the API (RFC 9457), or a line that failed (`code` "offline"). */
export class Problem extends Error {
  constructor(
    readonly document: ProblemDocument,
    readonly status: number,
  ) {
    super(document.title);
    this.name = "Problem";
  }

  get code(): string {
    return this.document.code;
  }
}

/** What goes with each request; read anew every time. */
export interface Manners {
  language: () => string;
  csrf?: () => string | null;
  reason?: () => string | null;
  onEnded?: () => void;
}

const READS = new Set(["GET", "HEAD"]);

function middleware(manners: Manners): Middleware {
  return {
    onRequest({ request }) {
      request.headers.set("Accept-Language", manners.language());
      if (!READS.has(request.method)) {
        const csrf = manners.csrf?.();
        if (csrf) request.headers.set("Anfu-Csrf", csrf);
        if (!request.headers.has("Idempotency-Key"))
          request.headers.set("Idempotency-Key", crypto.randomUUID());
      }
      const reason = manners.reason?.();
      if (reason) request.headers.set("Anfu-Reason", encodeURIComponent(reason));
      return request;
    },
    async onResponse({ response }) {
      if (response.ok) return undefined;
      const problem = new Problem(await documentOf(response), response.status);
      if (problem.code === "session_ended") manners.onEnded?.();
      throw problem;
    },
    onError() {
      return new Problem(offline(), 0);
    },
  };
}

async function documentOf(response: Response): Promise<ProblemDocument> {
  try {
    return (await response.json()) as ProblemDocument;
  } catch {
    return { ...offline(), status: response.status };
  }
}

function offline(): ProblemDocument {
  return {
    type: "about:blank",
    title: "连接不上服务器 · The server cannot be reached",
    status: 0,
    detail: "请检查网络后重试 · Check the connection and try again",
    code: "offline",
    field: "",
    details: {},
  };
}

/** The client of a page. A call resolves with data or throws a Problem. */
export function connect(manners: Manners) {
  const client = createClient<paths>({ baseUrl: "", credentials: "same-origin" });
  client.use(middleware(manners));
  return client;
}
