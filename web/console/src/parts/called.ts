// What decisions, ways to pay and accounts are called. A code that is not here is shown as it is.

import type { States } from "./StateTag";

type Words = { en: string; zh: string };

export const OUTCOME: States = {
  ALLOW: { look: "good", en: "Allow", zh: "放行" },
  CHALLENGE: { look: "wait", en: "Challenge", zh: "挑战" },
  REVIEW: { look: "warn", en: "Review", zh: "人工审核" },
  BLOCK: { look: "bad", en: "Block", zh: "拦截" },
};

const METHOD: Record<string, Words> = {
  balance: { en: "Balance", zh: "余额" },
  sandbox: { en: "Sandbox", zh: "沙箱" },
  wechat: { en: "WeChat Pay", zh: "微信支付" },
  alipay: { en: "Alipay", zh: "支付宝" },
  unionpay: { en: "UnionPay", zh: "银联" },
};

const ACCOUNT: Record<string, Words> = {
  balance: METHOD.balance,
  bank: { en: "Reserve fund at the bank", zh: "备付金银行存款" },
  strays: { en: "Strays that go back", zh: "迟到成功待退款" },
  retention: { en: "Kept back", zh: "滚动留存" },
  arrears: { en: "Arrears", zh: "欠款" },
  fees: { en: "Fee income", zh: "手续费收入" },
  payouts: { en: "Payouts in transit", zh: "出款在途" },
  differences: { en: "Differences given up", zh: "核销差错损益" },
};
// Of each channel: `channel-wechat`.
const BY_CHANNEL: Record<string, Words> = {
  channel: { en: "Owed by", zh: "应收" },
  long: { en: "Long of", zh: "长款" },
  short: { en: "Short of", zh: "短款" },
  fee: { en: "Fees of", zh: "手续费" },
};

/** A way to pay, or the network that took it. */
export function methodName(code: string, language: keyof Words): string {
  return METHOD[code]?.[language] ?? code;
}

/** A kind of account. */
export function accountName(kind: string, language: keyof Words): string {
  const [head, channel] = kind.split(/-(.*)/);
  if (channel === undefined) return ACCOUNT[kind]?.[language] ?? kind;
  const of = BY_CHANNEL[head]?.[language];
  return of === undefined ? kind : `${of} ${methodName(channel, language)}`;
}
