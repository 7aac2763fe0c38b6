import { AuditOutlined } from "@ant-design/icons";
import type { Area } from "../../app/areas";

export const audit: Area = {
  key: "audit",
  label: { en: "Audit", zh: "审计" },
  icon: <AuditOutlined />,
  pages: [
    {
      path: "audit",
      label: { en: "Who did what", zh: "操作审计" },
      listed: true,
      scope: "access:read",
      load: () => import("./Audit"),
    },
    {
      path: "access-log",
      label: { en: "Who read what", zh: "访问日志" },
      listed: true,
      scope: "access:read",
      load: () => import("./AccessLog"),
    },
  ],
};
