import { IdcardOutlined } from "@ant-design/icons";
import type { Area } from "../../app/areas";

export const customers: Area = {
  key: "customers",
  label: { en: "Customers", zh: "客户" },
  icon: <IdcardOutlined />,
  pages: [
    {
      path: "customers",
      label: { en: "Persons", zh: "个人客户" },
      listed: true,
      scope: "customers:read",
      load: () => import("./Customers"),
    },
    { path: "customers/:customer", label: { en: "Customer", zh: "客户" }, load: () => import("./Customer") },
    {
      path: "firms",
      label: { en: "Firms", zh: "单位客户" },
      listed: true,
      scope: "customers:read",
      load: () => import("./Firms"),
    },
    { path: "firms/:firm", label: { en: "Firm", zh: "单位客户" }, load: () => import("./Firm") },
    {
      path: "erasures",
      label: { en: "Wishes to be forgotten", zh: "信息删除申请" },
      listed: true,
      scope: "personal:erase",
      load: () => import("./Erasures"),
    },
  ],
};
