// A chart of Apache ECharts, with words for whoever does not see it.

import { BarChart, LineChart } from "echarts/charts";
import {
  AriaComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
} from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { theme } from "antd";
import { useEffect, useRef } from "react";
import { usePreferences } from "../app/preferences";

use([
  AriaComponent, BarChart, CanvasRenderer, GridComponent, LegendComponent, LineChart,
  MarkLineComponent, TooltipComponent,
]);

export interface Drawn {
  option: EChartsCoreOption;
  /** What the chart shows, in words. */
  label: string;
  height?: number;
  onPick?: (name: string) => void;
}

export default function Drawing({ option, label, height = 260, onPick }: Drawn) {
  const place = useRef<HTMLDivElement>(null);
  const { dark } = usePreferences();
  const { token } = theme.useToken();
  const pick = useRef(onPick);
  pick.current = onPick;
  useEffect(() => {
    if (place.current === null) return undefined;
    const chart = init(place.current, dark ? "dark" : undefined);
    chart.setOption({
      backgroundColor: "transparent",
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      aria: { enabled: true, decal: { show: true }, label: { description: label } },
      textStyle: { fontFamily: token.fontFamily },
      color: [token.colorPrimary, token.colorInfo, token.colorWarning, token.colorError, token.colorSuccess],
      ...option,
    });
    chart.on("click", ({ name }) => pick.current?.(name));
    const observer = new ResizeObserver(() => chart.resize());
    observer.observe(place.current);
    return () => {
      observer.disconnect();
      chart.dispose();
    };
  }, [option, dark, label, token]);
  return <div ref={place} role="img" aria-label={label} style={{ height, width: "100%" }} />;
}
