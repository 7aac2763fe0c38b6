// What proposals, their subjects and their papers are called.

import type { States } from "../../parts/StateTag";

export const STATE: States = {
  OPEN: { look: "wait", en: "Open", zh: "待决定" },
  APPROVED: { look: "good", en: "Approved", zh: "已批准" },
  REJECTED: { look: "bad", en: "Turned down", zh: "已否决" },
  WITHDRAWN: { look: "over", en: "Withdrawn", zh: "已撤回" },
};

type Names = Record<string, { en: string; zh: string }>;

/** Subjects that are decided on here; accounts and cases have pages of their own. */
export const DECIDED = new Set(["RULES", "LIST", "MODEL", "CASE_POLICY"]);

export const SUBJECT: Names = {
  CASE: { en: "Verdict on a case", zh: "案件结论" },
  STAFF: { en: "Account", zh: "员工账户" },
  RULES: { en: "Rules", zh: "规则" },
  LIST: { en: "List", zh: "名单" },
  MODEL: { en: "Model", zh: "模型" },
  CASE_POLICY: { en: "Policy of cases", zh: "案件策略" },
};

export const PAPER: Names = {
  CHECK: { en: "Static check", zh: "静态检查" },
  SHADOW: { en: "Shadow comparison", zh: "影子运行对比" },
  BACKTEST: { en: "Back-test", zh: "回测" },
  DELTA: { en: "What the list changes by", zh: "名单增减" },
  FIGURES: { en: "Model card", zh: "模型说明" },
  COMPARISON: { en: "Challenger beside champion", zh: "挑战模型与现任模型对比" },
};
