// A state: word, sign and colour, so that colour is never the only sign.

import {
  CheckCircleOutlined,
  ClockCircleOutlined,
  CloseCircleOutlined,
  ExclamationCircleOutlined,
  MinusCircleOutlined,
  QuestionCircleOutlined,
} from "@ant-design/icons";
import { Tag } from "antd";
import { usePreferences } from "../app/preferences";

const LOOKS = {
  good: { color: "success", icon: <CheckCircleOutlined /> },
  bad: { color: "error", icon: <CloseCircleOutlined /> },
  wait: { color: "processing", icon: <ClockCircleOutlined /> },
  warn: { color: "warning", icon: <ExclamationCircleOutlined /> },
  over: { color: "default", icon: <MinusCircleOutlined /> },
  open: { color: "default", icon: <QuestionCircleOutlined /> },
} as const;

/** What a state looks like and how it is called. */
export type States = Record<string, { look: keyof typeof LOOKS; en: string; zh: string }>;

export const PAYMENT: States = {
  SENDING: { look: "wait", en: "Sending", zh: "发送中" },
  AWAITING: { look: "wait", en: "Awaiting payer", zh: "待付款人操作" },
  CHALLENGED: { look: "wait", en: "Challenged", zh: "待验证" },
  IN_REVIEW: { look: "warn", en: "In review", zh: "人工审核中" },
  UNKNOWN: { look: "warn", en: "Unknown", zh: "结果未知" },
  SUCCEEDED: { look: "good", en: "Succeeded", zh: "成功" },
  FAILED: { look: "bad", en: "Failed", zh: "失败" },
  BLOCKED: { look: "bad", en: "Blocked", zh: "已拦截" },
  REJECTED: { look: "bad", en: "Rejected", zh: "审核拒绝" },
  REFUSED: { look: "bad", en: "Refused", zh: "已拒绝" },
  CANCELLED: { look: "over", en: "Cancelled", zh: "已取消" },
  EXPIRED: { look: "over", en: "Expired", zh: "已过期" },
};

/** How dangerous (分级预警), least first. */
export const GRADE: States = {
  LOW: { look: "over", en: "Low", zh: "低" },
  MIDDLE: { look: "wait", en: "Middle", zh: "中" },
  GENERAL: { look: "warn", en: "General", zh: "一般风险" },
  HIGH: { look: "bad", en: "High", zh: "高危" },
};

export function StateTag({ state, states = PAYMENT }: { state: string; states?: States }) {
  const { language } = usePreferences();
  const known = states[state];
  const { color, icon } = LOOKS[known?.look ?? "open"];
  return (
    <Tag color={color} icon={icon} style={{ marginInlineEnd: 0 }}>
      {known?.[language] ?? state}
    </Tag>
  );
}
