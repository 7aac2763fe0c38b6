// Which facts a reviewer looks at first, in which order, and when one is out of the ordinary.

type Unit = "money" | "seconds" | "count" | "kilometres" | "speed" | "share" | "text";

export interface Known {
  name: string;
  en: string;
  zh: string;
  unit: Unit;
  /** The fact it is seen beside. */
  usual?: string;
  odd?: (value: number | string | boolean) => boolean;
}

const DAY_S = 86_400;
const young = (value: number | string | boolean) => Number(value) < DAY_S;
const some = (value: number | string | boolean) => Number(value) > 0;
const above = (most: number) => (value: number | string | boolean) => Number(value) > most;

export const GROUPS: { en: string; zh: string; facts: Known[] }[] = [
  {
    en: "Amount and pace",
    zh: "金额与频次",
    facts: [
      { name: "amount", en: "Amount; usually (mean of 30 days)", zh: "金额；近 30 天均值", unit: "money", usual: "payer_mean_30d" },
      { name: "amount", en: "Amount; largest of 30 days", zh: "金额；近 30 天最大", unit: "money", usual: "payer_max_30d" },
      { name: "amount_to_mean_30d", en: "Times the usual amount", zh: "为均值的倍数", unit: "count", odd: above(5) },
      { name: "payer_count_1h", en: "Payments in the hour; in 24 hours", zh: "近 1 小时笔数；近 24 小时", unit: "count", usual: "payer_count_24h", odd: above(5) },
      { name: "payer_sum_24h", en: "Sum of 24 hours; of 30 days", zh: "近 24 小时金额；近 30 天", unit: "money", usual: "payer_sum_30d" },
      { name: "payer_payees_24h", en: "Payees in 24 hours; in 30 days", zh: "近 24 小时收款方数；近 30 天", unit: "count", usual: "payer_payees_30d", odd: above(5) },
    ],
  },
  {
    en: "Payer",
    zh: "付款人",
    facts: [
      { name: "payer_age_s", en: "Known for", zh: "首次支付至今", unit: "seconds", odd: young },
      { name: "payer_payee_age_s", en: "Has paid this payee for", zh: "首次向该收款方支付至今", unit: "seconds", odd: young },
      { name: "payer_since_password_change_s", en: "Since the password was changed", zh: "距修改密码", unit: "seconds", odd: young },
      { name: "payer_since_phone_change_s", en: "Since the phone was changed", zh: "距更换手机号", unit: "seconds", odd: young },
      { name: "payer_failed_logins_24h", en: "Failed log-ins in 24 hours", zh: "近 24 小时登录失败", unit: "count", odd: above(2) },
      { name: "payer_challenges_failed_24h", en: "Failed challenges in 24 hours", zh: "近 24 小时验证失败", unit: "count", odd: some },
      { name: "payer_passed_on_24h", en: "Share of income passed on in 24 hours", zh: "近 24 小时资金转出比例", unit: "share", odd: above(0.8) },
      { name: "payer_fraud_count_90d", en: "Frauds in 90 days", zh: "近 90 天欺诈", unit: "count", odd: some },
    ],
  },
  {
    en: "Device and place",
    zh: "设备与位置",
    facts: [
      { name: "device", en: "Device", zh: "设备", unit: "text" },
      { name: "device_standing", en: "What its profile proved", zh: "设备认定", unit: "text", odd: (value) => value === "REJECTED" },
      { name: "device_signals", en: "What is odd about it", zh: "异常信号", unit: "text", odd: () => true },
      { name: "payer_device_age_s", en: "Payer has used it for", zh: "付款人使用该设备", unit: "seconds", odd: young },
      { name: "device_payers_24h", en: "Payers on it in 24 hours", zh: "近 24 小时付款人数", unit: "count", odd: above(1) },
      { name: "device_fraud_count_90d", en: "Frauds on it in 90 days", zh: "近 90 天该设备欺诈", unit: "count", odd: some },
      { name: "address", en: "Address", zh: "网络地址", unit: "text" },
      { name: "distance_last_km", en: "From the place before", zh: "距上次位置", unit: "kilometres", odd: above(500) },
      { name: "speed_kmh", en: "Speed that would take", zh: "所需移动速度", unit: "speed", odd: above(900) },
    ],
  },
  {
    en: "Card",
    zh: "银行卡",
    facts: [
      { name: "card", en: "Card", zh: "卡", unit: "text" },
      { name: "payer_card_age_s", en: "Payer has used it for", zh: "付款人使用该卡", unit: "seconds", odd: young },
      { name: "card_payers_24h", en: "Payers with it in 24 hours", zh: "近 24 小时付款人数", unit: "count", odd: above(1) },
      { name: "card_tiny_count_1h", en: "Tiny payments in the hour", zh: "近 1 小时小额试探", unit: "count", odd: above(2) },
      { name: "card_fraud_count_90d", en: "Frauds with it in 90 days", zh: "近 90 天该卡欺诈", unit: "count", odd: some },
    ],
  },
  {
    en: "Payee",
    zh: "收款方",
    facts: [
      { name: "payee_age_s", en: "Known for", zh: "首次收款至今", unit: "seconds", odd: young },
      { name: "amount", en: "Amount; usual there (mean of 7 days)", zh: "金额；其近 7 天均值", unit: "money", usual: "payee_mean_7d" },
      { name: "payee_count_1h", en: "Paid in the hour; in 24 hours", zh: "近 1 小时收款笔数；近 24 小时", unit: "count", usual: "payee_count_24h" },
      { name: "payee_payers_24h", en: "Payers in 24 hours", zh: "近 24 小时付款人数", unit: "count" },
      { name: "payee_fraud_count_30d", en: "Frauds in 30 days", zh: "近 30 天欺诈", unit: "count", odd: some },
    ],
  },
  {
    en: "Ties and model",
    zh: "关联与模型",
    facts: [
      { name: "payer_component", en: "Accounts tied to the payer", zh: "付款人关联账户数", unit: "count", odd: above(5) },
      { name: "payer_fraud_steps", en: "Steps from the payer to a fraud", zh: "付款人距欺诈账户步数", unit: "count", odd: () => true },
      { name: "payee_fraud_steps", en: "Steps from the payee to a fraud", zh: "收款方距欺诈账户步数", unit: "count", odd: () => true },
      { name: "cycle_length", en: "Closes a ring of accounts", zh: "形成资金环（账户数）", unit: "count", odd: () => true },
      { name: "model_score", en: "Fraud model's probability", zh: "欺诈模型概率", unit: "share", odd: above(0.5) },
      { name: "anomaly_score", en: "How unusual (0 to 1)", zh: "异常程度（0 至 1）", unit: "share", odd: above(0.9) },
    ],
  },
];
