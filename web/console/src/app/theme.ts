// Colours and sizes, once for all pages.

import { type ThemeConfig, theme } from "antd";

export function themeOf(dark: boolean): ThemeConfig {
  return {
    algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      colorPrimary: dark ? "#2dd4bf" : "#0f766e",
      colorLink: dark ? "#5eead4" : "#0f766e",
      colorInfo: dark ? "#38bdf8" : "#0369a1",
      colorSuccess: dark ? "#4ade80" : "#15803d",
      colorWarning: dark ? "#fbbf24" : "#b45309",
      ...(dark ? {} : { colorSuccessBg: "#f1faf4", colorWarningBg: "#fef8ee", colorInfoBg: "#e6f2fa" }),
      colorError: dark ? "#f87171" : "#b91c1c",
      ...(dark
        ? {}
        : { colorSuccessBg: "#f0faf3", colorInfoBg: "#eff8fd", colorWarningBg: "#fff8ee", colorErrorBg: "#fef3f2" }),
      colorTextSecondary: dark ? "rgba(255,255,255,.72)" : "rgba(0,0,0,.66)",
      colorTextTertiary: dark ? "rgba(255,255,255,.62)" : "rgba(0,0,0,.6)",
      colorTextDescription: dark ? "rgba(255,255,255,.65)" : "rgba(0,0,0,.62)",
      colorTextPlaceholder: dark ? "rgba(255,255,255,.6)" : "rgba(0,0,0,.58)",
      colorTextLightSolid: dark ? "#04211e" : "#ffffff",
      colorBgLayout: dark ? "#0b1416" : "#f4f7f7",
      borderRadius: 8,
      fontFamily:
        'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
    },
    components: {
      Layout: { siderBg: dark ? "#0f1b1e" : "#ffffff", headerBg: dark ? "#0f1b1e" : "#ffffff" },
      Menu: { itemBg: "transparent", activeBarBorderWidth: 0, itemSelectedBg: dark ? "#12302d" : "#e3f1ee" },
      Table: { cellPaddingBlockMD: 9, headerBg: dark ? "#132226" : "#f7faf9" },
    },
  };
}
