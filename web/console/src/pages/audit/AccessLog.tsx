// Who read whose personal data, and why.

import type { Schemas } from "@anfu/api";
import { client, got } from "../../app/client";
import { useWords } from "../../app/words";
import { idColumn, momentColumn, textColumn } from "../../parts/columns";
import { TextFilter, useFilters } from "../../parts/filters";
import { Id } from "../../parts/Id";
import { type Column, ListTable } from "../../parts/ListTable";
import { PageHead } from "../../parts/PageHead";

type Read = Schemas["ReadDocument"];

const NAMES = ["person", "subject"] as const;
const SHOWN = 3;
const words = {
  title: { en: "Who read what", zh: "访问日志" },
  about: {
    en: "Every answer with personal data is written down before it goes out (个人信息保护法 art. 51, 54).",
    zh: "凡含个人信息的应答均先留痕后返回（个人信息保护法第 51、54 条）。",
  },
  empty: { en: "Nobody has read personal data, or none of that person.", zh: "暂无访问记录，或该人无记录。" },
  at: { en: "At", zh: "时间" },
  person: { en: "Person", zh: "查看人" },
  subject: { en: "Whose data", zh: "信息主体" },
  operation: { en: "Operation", zh: "操作" },
  why: { en: "Why", zh: "理由" },
  address: { en: "From", zh: "来源地址" },
  caller: { en: "Session or key", zh: "会话或密钥" },
};

export default function AccessLog() {
  const t = useWords(words);
  const filters = useFilters(NAMES);
  const columns: Column<Read>[] = [
    momentColumn("at", t.at, ({ at }) => at),
    idColumn("person", t.person, ({ person }) => person),
    {
      key: "subjects",
      title: t.subject,
      text: ({ subjects }) => subjects.join(" "),
      render: ({ subjects }) => <Subjects ids={subjects} />,
    },
    textColumn("operation", t.operation, ({ operation }) => operation),
    textColumn("why", t.why, ({ why }) => why),
    textColumn("address", t.address, ({ address }) => address),
    idColumn("caller", t.caller, ({ caller }) => caller),
  ];
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <ListTable
        name={["/v1/access-log", filters.values]}
        read={(at) => got(client.GET("/v1/access-log", { params: { query: { ...at, ...filters.values } } }))}
        columns={columns}
        filters={
          <>
            <TextFilter filters={filters} name="person" label={t.person} />
            <TextFilter filters={filters} name="subject" label={t.subject} />
          </>
        }
        empty={t.empty}
        file="access-log"
      />
    </>
  );
}

function Subjects({ ids }: { ids: string[] }) {
  return (
    <>
      {ids.slice(0, SHOWN).map((id) => (
        <div key={id}>
          <Id id={id} />
        </div>
      ))}
      {ids.length > SHOWN && <span title={ids.join("\n")}>+{ids.length - SHOWN}</span>}
    </>
  );
}
