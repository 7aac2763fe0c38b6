import { BankOutlined } from "@ant-design/icons";
import type { Area } from "../../app/areas";

export const money: Area = {
  key: "money",
  label: { en: "Money", zh: "资金" },
  icon: <BankOutlined />,
  pages: [
    {
      path: "trial-balance",
      label: { en: "Trial balance", zh: "试算平衡" },
      listed: true,
      scope: "balances:read",
      load: () => import("./TrialBalance"),
    },
    {
      path: "accounts",
      label: { en: "Accounts", zh: "账户" },
      listed: true,
      scope: "balances:read",
      load: () => import("./Accounts"),
    },
    { path: "accounts/:account", label: { en: "Account", zh: "账户明细" }, load: () => import("./Account") },
    {
      path: "bills",
      label: { en: "Reconciliation days", zh: "对账日" },
      listed: true,
      scope: "reconciliation:read",
      load: () => import("./Bills"),
    },
    {
      path: "items",
      label: { en: "Differences", zh: "差异与挂账" },
      listed: true,
      scope: "reconciliation:read",
      load: () => import("./Items"),
    },
    { path: "items/:item", label: { en: "Difference", zh: "差异明细" }, load: () => import("./Item") },
    {
      path: "settlements",
      label: { en: "Settlements", zh: "商户结算" },
      listed: true,
      scope: "settlements:read",
      load: () => import("./Settlements"),
    },
    {
      path: "payouts",
      label: { en: "Payouts", zh: "出款" },
      listed: true,
      scope: "settlements:read",
      load: () => import("./Payouts"),
    },
    {
      path: "reserve-checks",
      label: { en: "Reserve account", zh: "备付金核对" },
      listed: true,
      scope: "settlements:read",
      load: () => import("./ReserveChecks"),
    },
  ],
};
