import { PayCircleOutlined } from "@ant-design/icons";
import type { Area } from "../../app/areas";

export const payments: Area = {
  key: "payments",
  label: { en: "Payments", zh: "支付" },
  icon: <PayCircleOutlined />,
  pages: [
    {
      path: "payments",
      label: { en: "Payments", zh: "支付" },
      listed: true,
      scope: "payments:read",
      load: () => import("./Payments"),
    },
    {
      path: "payments/:payment",
      label: { en: "Payment", zh: "支付详情" },
      scope: "payments:read",
      load: () => import("./Payment"),
    },
    {
      path: "refunds",
      label: { en: "Refunds", zh: "退款" },
      listed: true,
      scope: "payments:read",
      load: () => import("./Refunds"),
    },
    {
      path: "refunds/:refund",
      label: { en: "Refund", zh: "退款详情" },
      scope: "payments:read",
      load: () => import("./Refund"),
    },
    {
      path: "strays",
      label: { en: "Strays", zh: "迟到成功款" },
      listed: true,
      scope: "payments:read",
      load: () => import("./Strays"),
    },
    {
      path: "tasks",
      label: { en: "Tasks", zh: "待办事项" },
      listed: true,
      scope: "tasks:read",
      load: () => import("./Tasks"),
    },
  ],
};
