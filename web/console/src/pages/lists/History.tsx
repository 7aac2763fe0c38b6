// What changed on a list, when and by whom.

import type { Schemas } from "@anfu/api";
import { Link } from "react-router";
import { client, got } from "../../app/client";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { Id } from "../../parts/Id";
import { type Column, ListTable } from "../../parts/ListTable";
import { Moment } from "../../parts/Moment";

type Release = Schemas["HistoryDocument"] & { id: string };

const words = {
  empty: { en: "Nothing was changed yet.", zh: "尚无变更。" },
  version: { en: "Version", zh: "版本" },
  action: { en: "What", zh: "内容" },
  DECLARE: { en: "declared", zh: "名单定义" },
  ENTRIES: { en: "entries", zh: "条目增减" },
  tightens: { en: "Tightens", zh: "收紧" },
  loosens: { en: "Loosens", zh: "放宽" },
  reason: { en: "Why", zh: "理由" },
  at: { en: "Made", zh: "提出时间" },
  by: { en: "By", zh: "操作人" },
  two: { en: "Agreed by a second person", zh: "第二人批准" },
  alone: { en: "alone", zh: "单人" },
};

export function History({ list }: { list: string }) {
  const t = useWords(words);
  const may = useMay();
  const columns: Column<Release>[] = [
    { key: "version", title: t.version, align: "right", render: ({ version }) => version },
    { key: "action", title: t.action, text: ({ action }) => action, render: ({ action }) => t[action] },
    { key: "tightens", title: t.tightens, align: "right", render: ({ tightens }) => tightens },
    { key: "loosens", title: t.loosens, align: "right", render: ({ loosens }) => loosens },
    { key: "reason", title: t.reason, render: ({ reason }) => reason },
    { key: "at", title: t.at, text: ({ created_at }) => created_at, render: ({ created_at }) => <Moment at={created_at} /> },
    { key: "by", title: t.by, text: ({ author }) => author, render: ({ author }) => <Id id={author} /> },
    {
      key: "two",
      title: t.two,
      text: ({ proposal }) => proposal,
      render: ({ proposal }) =>
        proposal === null ? t.alone : may("proposals:read") ? <Link to={`/proposals/${proposal}`} className="mono">{`…${proposal.slice(-7)}`}</Link> : <Id id={proposal} />,
    },
  ];
  return (
    <ListTable
      name={["/v1/lists/{list}/changes", list]}
      read={async ({ after, limit }) => {
        const query = { limit, after: after === undefined ? undefined : Number(after) };
        const page = await got(client.GET("/v1/lists/{list}/changes", { params: { path: { list }, query } }));
        return { ...page, data: page.data.map((release) => ({ ...release, id: String(release.version) })) };
      }}
      columns={columns}
      empty={t.empty}
      file={`list-${list}-changes`}
    />
  );
}
