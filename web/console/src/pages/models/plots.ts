// Options of the plots of a card.

import type { EChartsCoreOption } from "echarts/core";

const GRID = { left: 12, right: 20, top: 28, bottom: 30, containLabel: true };

interface Axis {
  x: string;
  y: string;
}

/** A curve through points; `diagonal` is what chance, or perfect calibration, would give. */
export function curve(points: readonly (readonly number[])[], { x, y }: Axis, diagonal = false): EChartsCoreOption {
  const end = Math.max(...points.flatMap(([a, b]) => [a, b]), 0);
  const chance = { type: "line", data: [[0, 0], [end, end]], symbol: "none", lineStyle: { type: "dashed", width: 1 } };
  const name = { nameLocation: "middle" as const, nameGap: 26 };
  return {
    grid: GRID,
    tooltip: { trigger: "axis" },
    xAxis: { type: "value", name: x, ...name },
    yAxis: { type: "value", name: y, nameTextStyle: { align: "left" } },
    series: [{ type: "line", data: points, showSymbol: points.length < 15 }, ...(diagonal ? [chance] : [])],
  };
}

/** Bars, the largest on top. */
export function bars(items: [string, number][]): EChartsCoreOption {
  const shown = [...items].reverse();
  return {
    grid: { ...GRID, top: 8, bottom: 8 },
    tooltip: { trigger: "axis" },
    xAxis: { type: "value" },
    yAxis: { type: "category", data: shown.map(([name]) => name) },
    series: [{ type: "bar", data: shown.map(([, value]) => value), barMaxWidth: 14 }],
  };
}
