// What the kinds of acts are called that the audit shows.

import type { Schemas } from "@anfu/api";

export const KINDS: Record<Schemas["ActKind"], { en: string; zh: string }> = {
  access: { en: "Accounts and sessions", zh: "账号与会话" },
  key_created: { en: "Key made", zh: "创建密钥" },
  key_rotated: { en: "Key rotated", zh: "轮换密钥" },
  key_confined: { en: "Key confined", zh: "限制密钥网段" },
  key_revoked: { en: "Key revoked", zh: "吊销密钥" },
  emergency_act: { en: "Emergency", zh: "应急操作" },
  proposal: { en: "Proposal", zh: "变更提案" },
  list_change: { en: "List", zh: "名单变更" },
  case: { en: "Case", zh: "案件处理" },
  multiplier: { en: "Multiplier of limits", zh: "限额倍数" },
  merchant_limit: { en: "Merchant's own limit", zh: "商户自设限额" },
  stop_order: { en: "Stop order", zh: "止付指令" },
  application: { en: "Merchant application", zh: "商户入网" },
  ownership: { en: "Beneficial owners", zh: "受益所有人" },
  same_day_change: { en: "Settlement on the same day", zh: "当日结算" },
  settlement_terms: { en: "Settlement terms", zh: "结算条款" },
  payout_batch: { en: "Payouts", zh: "出款批次" },
  treatment: { en: "Treatment of a difference", zh: "差异处理" },
  bill: { en: "Bill replaced", zh: "替换账单" },
  task: { en: "Task", zh: "任务" },
  reveal: { en: "Seen in clear", zh: "查看明文" },
  erasure: { en: "Wish to be forgotten", zh: "信息删除" },
};
