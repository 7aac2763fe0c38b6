// What states and scenes of payments and refunds are called.

import { PAYMENT, type States } from "../../parts/StateTag";

export const REFUND: States = {
  SENDING: { look: "wait", en: "Sending", zh: "发送中" },
  UNKNOWN: { look: "warn", en: "Unknown", zh: "结果未知" },
  SUCCEEDED: { look: "good", en: "Refunded", zh: "退款成功" },
  FAILED: { look: "bad", en: "Failed", zh: "退款失败" },
};

export const STRAY: States = {
  OWED: { look: "wait", en: "Goes back", zh: "退回中" },
  RETURNED: { look: "good", en: "Gone back", zh: "已退回" },
  STUCK: { look: "bad", en: "Cannot go back", zh: "无法退回" },
};

/** States of whatever a step of a story may tell of. */
export const ANY: States = {
  ...PAYMENT,
  ...STRAY,
  WAITING: { look: "wait", en: "Waiting", zh: "待投递" },
  DELIVERED: { look: "good", en: "Delivered", zh: "已送达" },
  DEAD: { look: "bad", en: "Given up", zh: "投递失败" },
  HELD: { look: "wait", en: "Held", zh: "预占中" },
  POSTED: { look: "good", en: "Captured", zh: "已入账" },
  VOIDED: { look: "over", en: "Let go", zh: "已释放" },
  OPEN: { look: "wait", en: "Open", zh: "进行中" },
  MET: { look: "good", en: "Met", zh: "已通过" },
};

export const SCENE = {
  ON_FILE: { en: "On file", zh: "代扣" },
  APP: { en: "App", zh: "APP 支付" },
  MINI_PROGRAM: { en: "Mini program", zh: "小程序" },
  H5: { en: "Mobile page", zh: "H5 页面" },
  PAGE: { en: "Computer page", zh: "电脑网页" },
  DYNAMIC_CODE: { en: "Dynamic code", zh: "动态码" },
  STATIC_CODE: { en: "Static code", zh: "静态码" },
  PAYER_CODE: { en: "Payer's code", zh: "付款码" },
};

export const TASK = {
  REFUND_LATE: { en: "Refund late", zh: "退款超时" },
  REFUND_FAILED: { en: "Refund failed", zh: "退款失败" },
  STRAY_STUCK: { en: "Stray cannot go back", zh: "迟到资金无法退回" },
  NEGATIVE_BALANCE: { en: "Merchant owes", zh: "商户欠款" },
  PAYOUT_RETURNED: { en: "Payout returned", zh: "出款被退回" },
  BANK_SHORT: { en: "Bank short", zh: "银行账面不足" },
  SETTLEMENT_REFUSED: { en: "Settlement refused", zh: "结算失败" },
  RESERVE_DIFFERENCE: { en: "Reserve differs", zh: "备付金核对不一致" },
};
