// What roles and states of accounts are called.

import type { States } from "../../parts/StateTag";

export const ROLES: Record<string, { en: string; zh: string }> = {
  viewer: { en: "Viewer", zh: "查看" },
  analyst: { en: "Analyst", zh: "分析" },
  reviewer: { en: "Reviewer", zh: "审核" },
  approver: { en: "Approver", zh: "审批" },
  finance: { en: "Finance", zh: "财务" },
  compliance: { en: "Compliance", zh: "合规" },
  admin: { en: "Administrator", zh: "管理" },
  auditor: { en: "Auditor", zh: "审计" },
  emergency: { en: "Emergency", zh: "应急" },
};

export const ACCOUNT: States = {
  INVITED: { look: "wait", en: "Invited", zh: "已邀请" },
  WAITING: { look: "warn", en: "Waits for approval", zh: "待批准" },
  ACTIVE: { look: "good", en: "Active", zh: "正常" },
  DISABLED: { look: "over", en: "Disabled", zh: "已停用" },
};

export const PROPOSAL: States = {
  OPEN: { look: "wait", en: "Open", zh: "待决定" },
  APPROVED: { look: "good", en: "Approved", zh: "已批准" },
  REJECTED: { look: "bad", en: "Turned down", zh: "已否决" },
  WITHDRAWN: { look: "over", en: "Withdrawn", zh: "已撤回" },
};
