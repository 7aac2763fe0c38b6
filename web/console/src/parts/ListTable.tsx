// A list of the API as a table: filters in the address, newest first, more on demand, CSV, keyboard.

import type { Problem } from "@anfu/api";
import { DownloadOutlined, ReloadOutlined } from "@ant-design/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Empty, Flex, Table, type TableColumnType } from "antd";
import { type ReactNode, useState } from "react";
import { useNavigate } from "react-router";
import { useKey } from "../app/keys";
import { useWords } from "../app/words";
import { csvOf, saveFile } from "./csv";
import { ProblemView } from "./ProblemView";
import { reachable } from "./reachable";
import "./table.css";

const PAGE = 50;
const words = {
  more: { en: "Show more", zh: "显示更多" },
  csv: { en: "CSV of what is shown", zh: "导出所显示的内容 (CSV)" },
  reload: { en: "Read again", zh: "刷新" },
  empty: { en: "Nothing here. Loosen the filters, or come back when something has happened.", zh: "暂无数据。可放宽筛选条件，或稍后再看。" },
  down: { en: "Next row", zh: "下一行" },
  up: { en: "Row before", zh: "上一行" },
  open: { en: "Open the row", zh: "打开该行" },
};

interface Listed {
  id: string;
}

/** `text` is the cell of a CSV where the drawn one is no text. */
export interface Column<Row> extends Omit<TableColumnType<Row>, "render" | "title"> {
  title: string;
  key: string;
  render: (row: Row) => ReactNode;
  text?: (row: Row) => string | number | null;
}

/** A page; `next` is where the one after begins, if not behind the last row. */
interface Listing<Row> {
  data: Row[];
  more: boolean;
  next?: string | null;
}

interface ListProps<Row extends Listed> {
  /** Address of the list with its filters: what the page is kept under. */
  name: readonly unknown[];
  /** A page of at most `limit` rows after the row of that id. */
  read: (at: { after?: string; limit: number }) => Promise<Listing<Row>>;
  columns: Column<Row>[];
  /** Where a row leads. */
  to?: (row: Row) => string | null;
  filters?: ReactNode;
  empty?: ReactNode;
  file?: string;
}

export function ListTable<Row extends Listed>(props: ListProps<Row>) {
  const { name, read, columns, to, filters, empty, file = "anfu" } = props;
  const t = useWords(words);
  const go = useNavigate();
  const [at, setAt] = useState(-1);
  const list = useInfiniteQuery<Listing<Row>, Problem, Row[], readonly unknown[], string | undefined>({
    // Not "get": what a page asks of the same address is kept in another shape.
    queryKey: ["list", ...name],
    queryFn: ({ pageParam }) => read({ after: pageParam, limit: PAGE }),
    initialPageParam: undefined,
    getNextPageParam: (last) => (last.more ? (last.next ?? last.data.at(-1)?.id) : undefined),
    select: ({ pages }) => pages.flatMap(({ data }) => data),
  });
  const rows = list.data ?? [];
  const open = (row: Row | undefined) => {
    const place = row === undefined ? null : (to?.(row) ?? null);
    if (place !== null) void go(place);
  };
  useKey("j", () => setAt(Math.min(at + 1, rows.length - 1)), t.down);
  useKey("k", () => setAt(Math.max(at - 1, 0)), t.up);
  useKey("Enter", () => open(rows[at]), t.open, to !== undefined);
  return (
    <>
      <Flex wrap gap={8} justify="space-between" align="end" style={{ marginBottom: 12 }}>
        <Flex wrap gap={8} align="end">
          {filters}
        </Flex>
        <Flex gap={8}>
          <Button icon={<ReloadOutlined />} aria-label={t.reload} title={t.reload} loading={list.isFetching} onClick={() => void list.refetch()} />
          <Button icon={<DownloadOutlined />} aria-label={t.csv} title={t.csv} disabled={rows.length === 0} onClick={() => saveFile(`${file}.csv`, csvOf(columns, rows))} />
        </Flex>
      </Flex>
      {list.error !== null && <ProblemView problem={list.error} again={() => void list.refetch()} />}
      <Table<Row>
        ref={reachable}
        size="middle"
        rowKey="id"
        columns={columns.map(({ render, text: _, ...column }) => ({ ...column, render: (__, row) => render(row) }))}
        dataSource={rows}
        loading={list.isPending}
        pagination={false}
        // Without rows there is nothing by which a keyboard could reach what is scrolled.
        showHeader={rows.length > 0}
        scroll={rows.length === 0 ? undefined : { x: "max-content" }}
        locale={{ emptyText: list.isPending ? " " : <Empty description={empty ?? t.empty} /> }}
        rowClassName={(_, index) => (index === at ? "row-at" : to === undefined ? "" : "row-link")}
        onRow={(row) => ({ onDoubleClick: () => open(row) })}
      />
      {list.hasNextPage && (
        <Flex justify="center" style={{ marginTop: 12 }}>
          <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t.more}
          </Button>
        </Flex>
      )}
    </>
  );
}
