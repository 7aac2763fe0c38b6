// What states and kinds of merchants, and of what belongs to them, are called.

import type { Schemas } from "@anfu/api";
import type { States } from "../../parts/StateTag";

type Names = Record<string, { en: string; zh: string }>;

export const APPLICATION: States = {
  DRAFT: { look: "open", en: "Draft", zh: "草稿" },
  SUBMITTED: { look: "wait", en: "Registries asked", zh: "核验中" },
  CHECKED: { look: "wait", en: "Waits for approval", zh: "待审批" },
  APPROVED: { look: "good", en: "Approved", zh: "已通过" },
  REFUSED: { look: "bad", en: "Refused", zh: "已拒绝" },
  SUSPENDED: { look: "warn", en: "Suspended", zh: "已暂停" },
  CLOSED: { look: "over", en: "Closed", zh: "已关闭" },
};

export const RATING: States = {
  LOW: { look: "good", en: "Low risk", zh: "低风险" },
  MEDIUM: { look: "warn", en: "Medium risk", zh: "中风险" },
  HIGH: { look: "bad", en: "High risk", zh: "高风险" },
};

export const GRADE: States = {
  ORDINARY: { look: "good", en: "Ordinary", zh: "一般" },
  RAISED: { look: "warn", en: "Raised", zh: "从严" },
  PROHIBITED: { look: "bad", en: "Prohibited", zh: "禁止" },
};

export const SCENES: Record<Schemas["anfu.parties.applications.scene.Scene"], { en: string; zh: string }> = {
  APP: { en: "App", zh: "APP" },
  H5: { en: "H5 page", zh: "H5 网页" },
  MINI_PROGRAM: { en: "Mini program", zh: "小程序" },
  PAYEE_CODE: { en: "Merchant shows a code", zh: "商户展码" },
  PAYER_CODE: { en: "Payer shows a code", zh: "付款码" },
  STATIC_CODE: { en: "Static code", zh: "静态码" },
};

export const REFUSALS: Names = {
  firm_contradicted: { en: "The registry of firms says otherwise", zh: "企业登记信息不一致" },
  representative_contradicted: { en: "The registry of citizens says otherwise", zh: "法定代表人信息不一致" },
  staff_refused: { en: "Refused by a member of the staff", zh: "人工拒绝" },
};

export const FIRM_STATES: Names = {
  IN_BUSINESS: { en: "in business", zh: "存续" },
  ABNORMAL: { en: "listed as abnormal", zh: "经营异常" },
  DISHONEST: { en: "listed as seriously dishonest", zh: "严重违法失信" },
  REVOKED: { en: "licence revoked", zh: "吊销" },
  CANCELLED: { en: "cancelled", zh: "注销" },
};

export const CYCLES: Record<Schemas["anfu.settlement.terms.cycle.Kind"], { en: string; zh: string }> = {
  SAME_DAY: { en: "Same day (T+0)", zh: "当日 (T+0)" },
  NEXT_DAY: { en: "Next day (D+1)", zh: "次日 (D+1)" },
  NEXT_WORKING_DAY: { en: "Next working day (T+1)", zh: "次工作日 (T+1)" },
  WEEKLY: { en: "Weekly", zh: "每周" },
  MONTHLY: { en: "Monthly", zh: "每月" },
};

export const WEEKDAYS: Names = {
  1: { en: "Monday", zh: "周一" },
  2: { en: "Tuesday", zh: "周二" },
  3: { en: "Wednesday", zh: "周三" },
  4: { en: "Thursday", zh: "周四" },
  5: { en: "Friday", zh: "周五" },
  6: { en: "Saturday", zh: "周六" },
  7: { en: "Sunday", zh: "周日" },
};

export const TERMS: States = {
  PROPOSED: { look: "wait", en: "Waits for approval", zh: "待批准" },
  APPROVED: { look: "good", en: "Approved", zh: "已批准" },
};
