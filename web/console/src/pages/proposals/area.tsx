import { AuditOutlined } from "@ant-design/icons";
import type { Area } from "../../app/areas";

export const proposals: Area = {
  key: "proposals",
  label: { en: "Approvals", zh: "审批" },
  icon: <AuditOutlined />,
  pages: [
    {
      path: "waiting",
      label: { en: "Waiting for me", zh: "待我决定" },
      listed: true,
      load: () => import("./Waiting"),
    },
    {
      path: "proposals",
      label: { en: "Proposals", zh: "提案" },
      listed: true,
      scope: "proposals:read",
      load: () => import("./Proposals"),
    },
    { path: "proposals/:proposal", label: { en: "Proposal", zh: "提案" }, load: () => import("./Proposal") },
  ],
};
