// What the API says of a rule while it is being written.

import type { Problem, Schemas } from "@anfu/api";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { client, got } from "../../../app/client";
import { checkable, type Content } from "./content";

const PAUSE_MS = 350;

interface Check {
  remarks: Schemas["RemarkDocument"][];
  /** Of the very text that is shown now, and without an error. */
  valid: boolean;
  busy: boolean;
  problem: Problem | null;
}

const NONE: Schemas["RemarkDocument"][] = [];

/** A moment after the last key. */
export function useCheck(content: Content): Check {
  const [asked, ask] = useState(content);
  useEffect(() => {
    const timer = window.setTimeout(() => ask(content), PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [content]);
  const empty = asked.condition.trim() === "";
  const { data, error, isFetching } = useQuery<Schemas["CheckDocument"], Problem>({
    queryKey: ["check", asked],
    queryFn: () => got(client.POST("/v1/rule_checks", { body: checkable(asked) })),
    enabled: !empty,
    placeholderData: keepPreviousData,
  });
  const current = asked === content && !isFetching;
  return {
    remarks: empty ? NONE : (data?.remarks ?? NONE),
    valid: current && !empty && error === null && data?.valid === true,
    busy: !current,
    problem: error,
  };
}
