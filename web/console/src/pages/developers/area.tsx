import { ApiOutlined } from "@ant-design/icons";
import type { Area } from "../../app/areas";

export const developers: Area = {
  key: "developers",
  label: { en: "Developers", zh: "开发者" },
  icon: <ApiOutlined />,
  pages: [
    {
      path: "keys",
      label: { en: "API keys", zh: "接口密钥" },
      listed: true,
      scope: "keys:write",
      load: () => import("./Keys"),
    },
    {
      path: "webhooks",
      label: { en: "Webhooks", zh: "回调地址" },
      listed: true,
      scope: "webhooks:read",
      load: () => import("./Webhooks"),
    },
    {
      path: "deliveries",
      label: { en: "Deliveries", zh: "回调投递" },
      listed: true,
      scope: "webhooks:read",
      load: () => import("./Deliveries"),
    },
    {
      path: "requests",
      label: { en: "Request log", zh: "请求日志" },
      listed: true,
      scope: "requests:read",
      load: () => import("./Requests"),
    },
  ],
};
