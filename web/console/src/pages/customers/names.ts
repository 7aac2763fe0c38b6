// What states and kinds of customers, and of what belongs to them, are called.

import type { States } from "../../parts/StateTag";

type Names = Record<string, { en: string; zh: string }>;

export const PARTY: States = {
  APPLIED: { look: "wait", en: "Applied", zh: "申请中" },
  OPENED: { look: "good", en: "Open", zh: "已开户" },
  ACTIVE: { look: "good", en: "Active", zh: "正常" },
  SUSPENDED: { look: "warn", en: "Suspended", zh: "已暂停" },
  CLOSED: { look: "over", en: "Closed", zh: "已注销" },
};

export const CLASSES: Names = {
  1: { en: "Class I", zh: "Ⅰ类" },
  2: { en: "Class II", zh: "Ⅱ类" },
  3: { en: "Class III", zh: "Ⅲ类" },
};

export const DOCUMENTS: Names = {
  CITIZEN_ID: { en: "Identity card", zh: "居民身份证" },
  PASSPORT: { en: "Passport", zh: "护照" },
  FOREIGN_RESIDENT: { en: "Foreigner's permanent residence card", zh: "外国人永久居留身份证" },
  HK_MACAO_PERMIT: { en: "Permit for Hong Kong and Macao residents", zh: "港澳居民来往内地通行证" },
  TAIWAN_PERMIT: { en: "Permit for Taiwan residents", zh: "台湾居民来往大陆通行证" },
  RESIDENCE_PERMIT: { en: "Residence permit", zh: "港澳台居民居住证" },
};

export const METRICS: Names = {
  balance_payment: { en: "Paid from the balance", zh: "余额付款" },
  balance_count: { en: "Payments from the balance", zh: "余额付款笔数" },
  balance_out: { en: "Left the balance, withdrawals included", zh: "余额付款（含提现至本人账户）" },
  bank_payment: { en: "Paid from bank accounts", zh: "银行账户付款" },
  bank_count: { en: "Payments from bank accounts", zh: "银行账户付款笔数" },
  code_payment: { en: "Paid with a code", zh: "条码付款" },
  static_code_payment: { en: "Paid with a static code", zh: "静态条码付款" },
};
export const COUNTS = new Set(["balance_count", "bank_count"]);

export const WINDOWS: Names = {
  payment: { en: "one payment", zh: "单笔" },
  natural_day: { en: "today", zh: "当日" },
  natural_month: { en: "this month", zh: "当月" },
  calendar_year: { en: "this year", zh: "当年" },
  lifetime: { en: "since it was opened", zh: "自开户累计" },
};

export const POCKETS: Names = {
  balance: { en: "balance", zh: "余额" },
  banks: { en: "bank accounts", zh: "银行账户" },
};

export const FACTORS: Names = {
  password: { en: "Password", zh: "密码" },
  totp: { en: "Token, by time", zh: "动态令牌（时间）" },
  hotp: { en: "Token, by count", zh: "动态令牌（计数）" },
  passkey: { en: "Passkey", zh: "通行密钥" },
  device_key: { en: "Key of a device", zh: "设备密钥" },
  face: { en: "Face", zh: "人脸" },
  fingerprint: { en: "Fingerprint", zh: "指纹" },
  sms_code: { en: "Code by text message", zh: "短信验证码" },
  certificate: { en: "Certificate", zh: "数字证书" },
  e_signature: { en: "Electronic signature", zh: "电子签名" },
};

export const FACTOR_CLASSES: Names = {
  knowledge: { en: "what one knows", zh: "所知" },
  possession: { en: "what one has", zh: "所有" },
  inherence: { en: "what one is", zh: "所是" },
};

export const FACTOR: States = {
  PENDING: { look: "wait", en: "Not confirmed", zh: "待确认" },
  ACTIVE: { look: "good", en: "Active", zh: "有效" },
  LOST: { look: "bad", en: "Reported lost", zh: "已挂失" },
  REMOVED: { look: "over", en: "Removed", zh: "已移除" },
};

export const MANDATE: States = {
  PENDING: { look: "wait", en: "Not agreed yet", zh: "待同意" },
  ACTIVE: { look: "good", en: "In force", zh: "有效" },
  REVOKED: { look: "over", en: "Revoked", zh: "已撤销" },
  FAILED: { look: "bad", en: "Not agreed", zh: "未达成" },
};

export const TIE: States = {
  SEEN: { look: "open", en: "Seen", zh: "曾出现" },
  BOUND: { look: "good", en: "Bound", zh: "已绑定" },
  REVOKED: { look: "over", en: "Revoked", zh: "已解绑" },
};

export const VERIFIED: States = {
  ASKED: { look: "wait", en: "Asked", zh: "核验中" },
  CONFIRMED: { look: "good", en: "Confirmed", zh: "一致" },
  CONTRADICTED: { look: "bad", en: "Contradicted", zh: "不一致" },
  UNKNOWN: { look: "warn", en: "No answer", zh: "结果未知" },
};

export const CHANNELS: Names = {
  CITIZEN_REGISTRY: { en: "Registry of citizens", zh: "公民身份核查" },
  BANK_CARD: { en: "Bank card", zh: "银行卡核验" },
  MOBILE_OPERATOR: { en: "Mobile operator", zh: "运营商核验" },
  CREDIT_BUREAU: { en: "Credit bureau", zh: "征信机构" },
  FACE: { en: "Face", zh: "人脸核验" },
  FIRM_REGISTRY: { en: "Registry of firms", zh: "市场监管登记" },
  TAX_AUTHORITY: { en: "Tax authority", zh: "税务机关" },
  CORPORATE_ACCOUNT: { en: "Corporate bank account", zh: "对公账户" },
  FIRM_BUREAU: { en: "Credit bureau of firms", zh: "企业征信" },
  REPRESENTATIVE: { en: "Legal representative", zh: "法定代表人" },
  AGENT: { en: "Agent", zh: "代理人" },
};

export const PURPOSES: Names = {
  SENSITIVE: { en: "Sensitive personal data", zh: "处理敏感个人信息" },
  BIOMETRICS: { en: "Face and other biometrics", zh: "人脸等生物识别" },
  SHARING: { en: "Given to others", zh: "向其他处理者提供" },
  CREDIT_INQUIRY: { en: "Credit inquiry", zh: "征信查询" },
  CROSS_BORDER: { en: "Sent abroad", zh: "跨境提供" },
  MARKETING: { en: "Marketing", zh: "营销" },
};

export const CONSENT: States = {
  GIVEN: { look: "good", en: "Given", zh: "同意" },
  WITHDRAWN: { look: "over", en: "Withdrawn", zh: "撤回" },
};

export const ERASURE: States = {
  REQUESTED: { look: "wait", en: "Waits for a second person", zh: "待第二人决定" },
  STORED: { look: "over", en: "Closed, kept as the law asks", zh: "已注销，依法留存" },
  ERASED: { look: "over", en: "Erased", zh: "已删除" },
  DECLINED: { look: "bad", en: "Declined", zh: "已驳回" },
};

/** What is shown in clear, one at a time. */
export const FIELDS = {
  name: { en: "Name", zh: "姓名" },
  phone: { en: "Phone", zh: "手机号" },
  document_number: { en: "Document number", zh: "证件号码" },
};
export type Field = keyof typeof FIELDS;

/** What was looked at in clear: a field, or all of it in a file. */
export const SEEN = { ...FIELDS, everything: { en: "Everything (export)", zh: "全部（导出）" } };

export const LACKS: Names = {
  registry: { en: "confirmation by the registry of firms", zh: "市场监管登记核验" },
  channels: { en: "verification by more channels", zh: "更多核验渠道" },
  representative: { en: "verification of the representative", zh: "法定代表人核验" },
  agent: { en: "verification of the agent", zh: "代理人核验" },
  owners: { en: "owners, confirmed by a second person", zh: "受益所有人（第二人确认）" },
};

export const RELATIONS: Names = {
  SHARES: { en: "shares", zh: "股权" },
  VOTES: { en: "votes", zh: "表决权" },
  INCOME: { en: "income", zh: "收益权" },
  CONTROL: { en: "actual control", zh: "实际控制" },
  MANAGER: { en: "responsible manager", zh: "日常经营管理负责人" },
};
