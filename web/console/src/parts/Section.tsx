// A card with the rows of something that is short enough to be shown whole.

import type { Problem } from "@anfu/api";
import { Card, Table } from "antd";
import type { ReactNode } from "react";
import { useWords } from "../app/words";
import type { Column } from "./ListTable";
import { ProblemView } from "./ProblemView";

const words = { none: { en: "None.", zh: "暂无。" } };

interface SectionProps<Row> {
  title: ReactNode;
  rows: readonly Row[] | undefined;
  columns: Column<Row>[];
  of: (row: Row) => string;
  error?: Problem | null;
  about?: ReactNode;
  extra?: ReactNode;
  empty?: ReactNode;
}

/** `of` tells one row from the others; `rows` undefined: not read yet. */
export function Section<Row extends object>(props: SectionProps<Row>) {
  const { title, rows, columns, of, error = null, about, extra, empty } = props;
  const t = useWords(words);
  return (
    <Card size="small" title={title} extra={extra} styles={{ body: { padding: 0 } }} style={{ marginBottom: 16 }}>
      {about !== undefined && <div className="section-about">{about}</div>}
      {error !== null ? (
        <div style={{ padding: 12 }}>
          <ProblemView problem={error} />
        </div>
      ) : rows?.length === 0 ? (
        <div className="section-empty">{empty ?? t.none}</div>
      ) : (
        <section className="section-rows" aria-label={typeof title === "string" ? title : undefined} tabIndex={0}>
          <Table<Row>
            size="small"
            rowKey={of}
            columns={columns.map(({ render, text: _, ...column }) => ({ ...column, render: (__, row) => render(row) }))}
            dataSource={rows === undefined ? [] : [...rows]}
            loading={rows === undefined}
            pagination={false}
            locale={{ emptyText: " " }}
          />
        </section>
      )}
    </Card>
  );
}
