// What states, verdicts and acts of cases are called.

import type { Schemas } from "@anfu/api";
import type { States } from "../../parts/StateTag";

export type Case = Schemas["CaseDocument"];
export type Whole = Schemas["WholeCase"];
export type Item = Schemas["CaseItemDocument"];
export type Fact = number | string | boolean | null;
export type Facts = Record<string, Fact>;

/** The facts of a payment by name; what there is of them the catalogue says, and no type. */
export function factsOf(item: { facts: object }): Facts {
  return item.facts as Facts;
}

export const CASE: States = {
  OPEN: { look: "warn", en: "Open", zh: "待认领" },
  CLAIMED: { look: "wait", en: "Claimed", zh: "处理中" },
  CONFIRMING: { look: "warn", en: "Second person", zh: "待复核" },
  CLOSED: { look: "over", en: "Closed", zh: "已结案" },
};


export const VERDICT: States = {
  RELEASE: { look: "good", en: "Release", zh: "放行" },
  REJECT: { look: "bad", en: "Reject", zh: "拒绝" },
};

export const VOICE: States = {
  SAID: { look: "wait", en: "Waits for a second person", zh: "待第二人复核" },
  FINAL: { look: "good", en: "Final", zh: "已生效" },
  DECLINED: { look: "bad", en: "Declined", zh: "复核未通过" },
  WITHDRAWN: { look: "over", en: "Withdrawn", zh: "已撤回" },
};

export const ACT: Record<string, { en: string; zh: string }> = {
  OPENED: { en: "Opened", zh: "立案" },
  JOINED: { en: "Another payment joined it", zh: "并入新支付" },
  CLAIMED: { en: "Claimed", zh: "认领" },
  ASSIGNED: { en: "Assigned", zh: "分派" },
  GIVEN_BACK: { en: "Given back", zh: "退回队列" },
  HANDED_OVER: { en: "Handed over", zh: "移交" },
  ESCALATED: { en: "Escalated", zh: "升级" },
  NOTED: { en: "Note", zh: "备注" },
  ATTACHED: { en: "File attached", zh: "添加附件" },
  SAID: { en: "Verdict, for a second person", zh: "提出处置意见，待复核" },
  DECIDED: { en: "Verdict", zh: "处置生效" },
  DECLINED: { en: "Declined by the second person", zh: "复核未通过" },
  WITHDRAWN: { en: "Verdict taken back", zh: "撤回处置意见" },
  CARRIED: { en: "Carried out", zh: "已执行" },
  ENDED: { en: "Ended without a verdict", zh: "未经处置即结束" },
  REOPENED: { en: "Opened again", zh: "重新打开" },
};
