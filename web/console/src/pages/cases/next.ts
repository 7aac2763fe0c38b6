// On to the next case of the queue that nobody works on.

import { App } from "antd";
import { useNavigate } from "react-router";
import { client, got } from "../../app/client";
import { useWords } from "../../app/words";

const words = { none: { en: "No other case waits", zh: "没有其他待处理案件" } };

export function useNext(): (but?: string) => Promise<void> {
  const go = useNavigate();
  const t = useWords(words);
  const { message } = App.useApp();
  return async (but) => {
    const { data } = await got(client.GET("/v1/cases", { params: { query: { state: "OPEN", limit: 2 } } }));
    const next = data.find(({ id }) => id !== but);
    if (next === undefined) void message.info(t.none);
    await go(next === undefined ? "/cases" : `/cases/${next.id}`);
  };
}
