import { AuditOutlined } from "@ant-design/icons";
import type { Area } from "../../app/areas";

export const cases: Area = {
  key: "cases",
  label: { en: "Cases", zh: "案件" },
  icon: <AuditOutlined />,
  pages: [
    {
      path: "cases",
      label: { en: "Queue", zh: "案件队列" },
      listed: true,
      scope: "cases:read",
      load: () => import("./Cases"),
    },
    {
      path: "case-figures",
      label: { en: "Figures", zh: "案件指标" },
      listed: true,
      scope: "cases:read",
      load: () => import("./Figures"),
    },
    {
      path: "cases/:case",
      label: { en: "Case", zh: "案件详情" },
      scope: "cases:read",
      load: () => import("./Case"),
    },
    {
      path: "decisions/:decision",
      label: { en: "Decision", zh: "决策详情" },
      scope: "decisions:read",
      load: () => import("./Decision"),
    },
  ],
};
