// Doing something at the API once, whatever the finger does, and saying how it went.

import type { Problem } from "@anfu/api";
import { type UseMutationResult, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useRef } from "react";
import { useWords } from "../app/words";

const words = { done: { en: "Done", zh: "已完成" } };

/** `mutation` says how a call of `api.useMutation` went, and everything shown is read again. */
export function useAct<Given, Got>(
  mutation: UseMutationResult<Got, Problem, Given>,
  said?: string,
): { run: (given: Given, then?: (got: Got) => void) => void; busy: boolean } {
  const { message, notification } = App.useApp();
  const queries = useQueryClient();
  const t = useWords(words);
  // Not `isPending`: a second click can come before that is drawn, and would do it twice.
  const running = useRef(false);
  const run = (given: Given, then?: (got: Got) => void) => {
    if (running.current) return;
    running.current = true;
    mutation.mutate(given, {
      onSettled: () => {
        running.current = false;
      },
      onSuccess: (got) => {
        void message.success(said ?? t.done);
        void queries.invalidateQueries();
        then?.(got);
      },
      onError: (problem) =>
        notification.error({ title: problem.document.title, description: problem.document.detail, duration: 0 }),
    });
  };
  return { run, busy: mutation.isPending };
}
