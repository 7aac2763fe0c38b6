import { ClusterOutlined } from "@ant-design/icons";
import type { Area } from "../../app/areas";

export const models: Area = {
  key: "models",
  label: { en: "Models", zh: "模型" },
  icon: <ClusterOutlined />,
  pages: [
    {
      path: "models",
      label: { en: "Models", zh: "模型" },
      listed: true,
      scope: "models:read",
      load: () => import("./Models"),
    },
    { path: "models/:model", label: { en: "Model", zh: "模型" }, load: () => import("./Model") },
  ],
};
