import { ShopOutlined } from "@ant-design/icons";
import type { Area } from "../../app/areas";

export const merchants: Area = {
  key: "merchants",
  label: { en: "Merchants", zh: "商户" },
  icon: <ShopOutlined />,
  pages: [
    {
      path: "merchants",
      label: { en: "Merchants", zh: "商户" },
      listed: true,
      scope: "merchants:read",
      load: () => import("./Merchants"),
    },
    { path: "merchants/:merchant", label: { en: "Merchant", zh: "商户" }, load: () => import("./Merchant") },
    {
      path: "applications",
      label: { en: "Applications", zh: "入网申请" },
      listed: true,
      scope: "applications:read",
      load: () => import("./Applications"),
    },
    { path: "applications/new", label: { en: "New application", zh: "新建申请" }, load: () => import("./NewApplication") },
    { path: "applications/:application", label: { en: "Application", zh: "入网申请" }, load: () => import("./Application") },
    {
      path: "trades",
      label: { en: "Trades", zh: "商户类别" },
      listed: true,
      scope: "merchants:read",
      load: () => import("./Trades"),
    },
  ],
};
