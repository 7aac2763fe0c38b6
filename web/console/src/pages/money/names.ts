// What the states of reconciliation, settlement and payouts are called.

import type { States } from "../../parts/StateTag";

export const ITEM: States = {
  MATCHED: { look: "good", en: "Matched", zh: "已匹配" },
  EXPECTED: { look: "wait", en: "Day cut", zh: "日切待匹配" },
  LONG: { look: "warn", en: "Long", zh: "长款" },
  SHORT: { look: "warn", en: "Short", zh: "短款" },
  AMOUNT_MISMATCH: { look: "bad", en: "Amount differs", zh: "金额不符" },
  CURRENCY_MISMATCH: { look: "bad", en: "Currency differs", zh: "币种不符" },
  STATUS_MISMATCH: { look: "bad", en: "State differs", zh: "状态不符" },
  FEE_MISMATCH: { look: "warn", en: "Fee differs", zh: "手续费不符" },
  DUPLICATE: { look: "bad", en: "Duplicate", zh: "重复" },
  IN_DOUBT: { look: "warn", en: "In doubt", zh: "存疑" },
  POSTED: { look: "warn", en: "In suspense", zh: "已挂账" },
  CLEARED: { look: "good", en: "Cleared", zh: "已销账" },
  VOID: { look: "over", en: "Void", zh: "已作废" },
};

/** Whether either side says that it was done. */
export const DONE: States = {
  DONE: { look: "good", en: "Done", zh: "已完成" },
  NOT_DONE: { look: "bad", en: "Not done", zh: "未完成" },
  OPEN: { look: "wait", en: "Open", zh: "处理中" },
  PENDING: { look: "wait", en: "Open", zh: "处理中" },
};

/** Of a day's lines: what became of them, besides items. */
export const LINES: States = {
  ...ITEM,
  CROSSED: { look: "good", en: "Matched across days", zh: "跨日匹配" },
  LATE: { look: "good", en: "Matched what had waited", zh: "补匹配前日" },
};

export const BILL: States = {
  IN_FORCE: { look: "good", en: "In force", zh: "生效" },
  PROPOSED: { look: "wait", en: "Waits for approval", zh: "待批准" },
  REFUSED: { look: "bad", en: "Refused", zh: "已否决" },
  REPLACED: { look: "over", en: "Replaced", zh: "已替换" },
};

export const LEGS: Record<string, { en: string; zh: string }> = {
  TRADE: { en: "Trade bill", zh: "交易账单" },
  FUND: { en: "Fund flow", zh: "资金账单" },
  BANK: { en: "Bank statement", zh: "银行流水" },
};

export const TREATMENT: States = {
  PROPOSED: { look: "wait", en: "Waits for approval", zh: "待批准" },
  APPROVED: { look: "good", en: "Approved", zh: "已批准" },
  DECLINED: { look: "bad", en: "Declined", zh: "已否决" },
};

export const ACTS: Record<string, { en: string; zh: string }> = {
  QUERY: { en: "Ask the channel again", zh: "向渠道查询" },
  POST: { en: "Post to suspense", zh: "挂账" },
  CLEAR: { en: "Clear", zh: "销账" },
  VOID: { en: "Void it", zh: "作废" },
};

export const PAYOUT: States = {
  PREPARED: { look: "wait", en: "Prepared", zh: "待出款" },
  SENT: { look: "wait", en: "Sent", zh: "已发送" },
  UNKNOWN: { look: "warn", en: "Unknown", zh: "结果未知" },
  PAID: { look: "good", en: "Paid", zh: "已到账" },
  RETURNED: { look: "bad", en: "Returned", zh: "已退回" },
};

export const CYCLES: Record<string, { en: string; zh: string }> = {
  SAME_DAY: { en: "Same day (T+0)", zh: "当日 (T+0)" },
  NEXT_DAY: { en: "Next day (D+1)", zh: "次日 (D+1)" },
  NEXT_WORKING_DAY: { en: "Next working day (T+1)", zh: "次工作日 (T+1)" },
  WEEKLY: { en: "Weekly", zh: "每周" },
  MONTHLY: { en: "Monthly", zh: "每月" },
};

export const WITHHELD: Record<string, { en: string; zh: string }> = {
  BELOW_MINIMUM: { en: "below the least amount", zh: "低于最低出款额" },
  MERCHANT_NOT_ACTIVE: { en: "merchant not active", zh: "商户非正常状态" },
  NEGATIVE: { en: "negative balance", zh: "余额为负" },
  PAYOUT_RETURNED: { en: "a payout came back", zh: "出款退回" },
  PROMISED: { en: "promised elsewhere", zh: "已有其他用途" },
};
