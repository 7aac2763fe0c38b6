// What the states, grades and outcomes of rules are called.

import type { States } from "../../parts/StateTag";

export const LIFE: States = {
  DRAFT: { look: "open", en: "Draft", zh: "草稿" },
  SHADOW: { look: "wait", en: "Watched", zh: "影子运行" },
  LIVE: { look: "good", en: "Live", zh: "生效" },
  RETIRED: { look: "over", en: "Retired", zh: "已停用" },
};

export const PURPOSE: States = {
  GENERAL: { look: "open", en: "The service itself", zh: "服务本身" },
  ANTI_FRAUD: { look: "open", en: "Against fraud", zh: "反欺诈" },
  CREDIT: { look: "open", en: "Credit", zh: "信贷" },
  MARKETING: { look: "open", en: "Marketing", zh: "营销" },
};

export const SEVERITY: States = {
  ERROR: { look: "bad", en: "Error", zh: "错误" },
  WARNING: { look: "warn", en: "Warning", zh: "警告" },
  NOTE: { look: "open", en: "Note", zh: "提示" },
};

export const BACKTEST: States = {
  WAITING: { look: "wait", en: "Waiting", zh: "排队中" },
  RUNNING: { look: "wait", en: "Running", zh: "运行中" },
  DONE: { look: "good", en: "Done", zh: "已完成" },
  FAILED: { look: "bad", en: "Failed", zh: "失败" },
};
