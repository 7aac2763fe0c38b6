// A small table of figures in a card: the first column is text, the others are figures.

import { Card, Table } from "antd";
import type { ReactNode } from "react";
import { reachable } from "../../parts/reachable";

interface CellsProps {
  title: string;
  heads: string[];
  /** Each begins with what names it. */
  rows: ReactNode[][];
  empty?: ReactNode;
}

export function Cells({ title, heads, rows, empty }: CellsProps) {
  return (
    <Card size="small" title={title} styles={{ body: { padding: rows.length === 0 ? undefined : 0 } }} style={{ height: "100%" }}>
      {rows.length === 0 ? (
        empty
      ) : (
        <Table
          ref={reachable}
          size="small"
          rowKey="key"
          dataSource={rows.map((cells, key) => ({ key, cells }))}
          columns={heads.map((head, place) => ({
            key: place,
            title: head,
            align: place === 0 ? ("left" as const) : ("right" as const),
            className: place === 0 ? undefined : "number",
            render: (_, { cells }) => cells[place],
          }))}
          pagination={false}
          scroll={{ x: "max-content" }}
        />
      )}
    </Card>
  );
}
