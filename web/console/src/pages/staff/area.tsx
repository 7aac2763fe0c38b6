import { TeamOutlined } from "@ant-design/icons";
import type { Area } from "../../app/areas";

export const staff: Area = {
  key: "staff",
  label: { en: "Staff", zh: "员工" },
  icon: <TeamOutlined />,
  pages: [
    {
      path: "staff",
      label: { en: "Accounts", zh: "账户" },
      listed: true,
      scope: "staff:read",
      load: () => import("./Staff"),
    },
    {
      path: "staff-changes",
      label: { en: "Changes proposed", zh: "待批变更" },
      listed: true,
      scope: "staff:read",
      load: () => import("./Changes"),
    },
    {
      path: "emergencies",
      label: { en: "Emergencies", zh: "应急启用记录" },
      listed: true,
      scope: "access:read",
      load: () => import("./Emergencies"),
    },
  ],
};
