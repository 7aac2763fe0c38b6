import { ProfileOutlined } from "@ant-design/icons";
import type { Area } from "../../app/areas";

export const lists: Area = {
  key: "lists",
  label: { en: "Lists", zh: "名单" },
  icon: <ProfileOutlined />,
  pages: [
    {
      path: "lists",
      label: { en: "Lists", zh: "名单" },
      listed: true,
      scope: "lists:read",
      load: () => import("./Lists"),
    },
    { path: "lists/:list", label: { en: "List", zh: "名单" }, load: () => import("./List") },
  ],
};
