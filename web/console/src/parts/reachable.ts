// A table that scrolls sideways in its own box can be scrolled by the keyboard too.

import type { TableRef } from "antd/es/table";

/** The `ref` of a table with `scroll`. */
export function reachable(table: TableRef | null): void {
  table?.nativeElement.querySelector(".ant-table-content")?.setAttribute("tabindex", "0");
}
