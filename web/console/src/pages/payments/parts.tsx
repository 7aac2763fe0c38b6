// The parts of a story: what they are called, and their signs.

import type { Schemas } from "@anfu/api";
import {
  ApiOutlined,
  AuditOutlined,
  BookOutlined,
  DashboardOutlined,
  NotificationOutlined,
  PayCircleOutlined,
  SafetyCertificateOutlined,
  ScheduleOutlined,
  SendOutlined,
  ThunderboltOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";

export const PART: Record<Schemas["StoryDocument"]["steps"][number]["part"], { en: string; zh: string; icon: ReactNode }> = {
  payment: { en: "Payment", zh: "支付", icon: <PayCircleOutlined /> },
  limits: { en: "Limits", zh: "限额", icon: <DashboardOutlined /> },
  decision: { en: "Risk", zh: "风控", icon: <ThunderboltOutlined /> },
  case: { en: "Case", zh: "案件", icon: <AuditOutlined /> },
  channel: { en: "Channel", zh: "渠道", icon: <ApiOutlined /> },
  ledger: { en: "Ledger", zh: "账务", icon: <BookOutlined /> },
  events: { en: "Events", zh: "事件", icon: <NotificationOutlined /> },
  deliveries: { en: "Deliveries", zh: "回调投递", icon: <SendOutlined /> },
  tasks: { en: "Tasks", zh: "待办", icon: <ScheduleOutlined /> },
  evidence: { en: "Evidence", zh: "存证", icon: <SafetyCertificateOutlined /> },
};
