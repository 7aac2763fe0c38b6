// Who stands behind the ids of accounts.

import type { Problem, Schemas } from "@anfu/api";
import { useQuery } from "@tanstack/react-query";
import { client, got } from "./client";

export type Colleague = Schemas["ColleagueDocument"];

const PAGE = 100;
const FRESH_MS = 300_000;

async function all(): Promise<ReadonlyMap<string, Colleague>> {
  const found: Colleague[] = [];
  for (let more = true; more; ) {
    const after = found.at(-1)?.id;
    const page = await got(client.GET("/v1/colleagues", { params: { query: { limit: PAGE, after } } }));
    found.push(...page.data);
    more = page.more;
  }
  return new Map(found.map((one) => [one.id, one]));
}

/** The accounts of the staff by id; undefined until they are read. */
export function useColleagues(): ReadonlyMap<string, Colleague> | undefined {
  return useQuery<ReadonlyMap<string, Colleague>, Problem>({
    queryKey: ["list", "/v1/colleagues"],
    queryFn: all,
    staleTime: FRESH_MS,
  }).data;
}
