import { AuditOutlined } from "@ant-design/icons";
import type { Area } from "../../app/areas";

export const proposals: Area = {
  key: "proposals",
  label: { en: "Proposals", zh: "提案审批" },
  icon: <AuditOutlined />,
  pages: [
    {
      path: "proposals",
      label: { en: "Proposals", zh: "提案审批" },
      listed: true,
      scope: "proposals:read",
      load: () => import("./Proposals"),
    },
    { path: "proposals/:proposal", label: { en: "Proposal", zh: "提案" }, load: () => import("./Proposal") },
  ],
};
