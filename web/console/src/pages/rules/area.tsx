import { BranchesOutlined } from "@ant-design/icons";
import type { Area } from "../../app/areas";

export const rules: Area = {
  key: "rules",
  label: { en: "Rules", zh: "规则" },
  icon: <BranchesOutlined />,
  pages: [
    {
      path: "rules",
      label: { en: "Rules", zh: "规则列表" },
      listed: true,
      scope: "rules:read",
      load: () => import("./Rules"),
    },
    {
      path: "rule-sets",
      label: { en: "Rule sets and policy", zh: "规则集与策略" },
      listed: true,
      scope: "rules:read",
      load: () => import("./sets/Sets"),
    },
    {
      path: "backtests",
      label: { en: "Back-tests", zh: "回测" },
      listed: true,
      scope: "rules:read",
      load: () => import("./backtests/Backtests"),
    },
    {
      path: "features",
      label: { en: "Facts", zh: "特征目录" },
      listed: true,
      scope: "rules:read",
      load: () => import("./Facts"),
    },
    { path: "rules/:rule", label: { en: "Rule", zh: "规则" }, load: () => import("./Rule") },
    { path: "rule-drafts/new", label: { en: "New rule", zh: "新建规则" }, load: () => import("./editor/NewRule") },
    { path: "rule-drafts/import", label: { en: "Import", zh: "导入" }, load: () => import("./Import") },
    { path: "rule-drafts/:rule", label: { en: "New draft", zh: "新草稿" }, load: () => import("./editor/Redraft") },
    { path: "rule-sets/:before/:after", label: { en: "Difference", zh: "差异" }, load: () => import("./sets/Compare") },
    { path: "backtests/:backtest", label: { en: "Back-test", zh: "回测" }, load: () => import("./backtests/Backtest") },
  ],
};
