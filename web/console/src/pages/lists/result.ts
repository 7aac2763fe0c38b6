// What came of a change of a list: in force at once, waiting for a second person, or nothing to do.

import type { Schemas } from "@anfu/api";
import { App } from "antd";
import { useNavigate } from "react-router";
import { useWords } from "../../app/words";

const words = {
  RELEASED: { en: "In force from the next payment on", zh: "已生效，下一笔支付起适用" },
  PROPOSED: { en: "Proposed: more than one person may change alone; a second one decides", zh: "已提议：超出单人权限，待第二人决定" },
  UNCHANGED: { en: "Nothing to change: the list says so already", zh: "无需变更：名单内容已是如此" },
};

/** Says it, and leads to the proposal where there is one. */
export function useResult(): (change: Schemas["ChangeDocument"]) => void {
  const t = useWords(words);
  const { message } = App.useApp();
  const go = useNavigate();
  return ({ state, proposal }) => {
    void message.info(t[state]);
    if (proposal !== null) void go(`/proposals/${proposal}`);
  };
}
