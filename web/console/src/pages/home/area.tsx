import { DashboardOutlined } from "@ant-design/icons";
import type { Area } from "../../app/areas";

export const home: Area = {
  key: "overview",
  label: { en: "Overview", zh: "总览" },
  icon: <DashboardOutlined />,
  pages: [
    {
      path: "",
      label: { en: "Overview", zh: "总览" },
      listed: true,
      load: () => import("./Overview"),
    },
    { path: "search", label: { en: "Search", zh: "搜索" }, load: () => import("./Found") },
  ],
};
