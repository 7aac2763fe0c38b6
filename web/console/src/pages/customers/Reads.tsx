// Who saw a customer's data: in clear, and masked.

import type { Schemas } from "@anfu/api";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { idColumn, momentColumn, textColumn } from "../../parts/columns";
import { Section } from "../../parts/Section";
import { SEEN } from "./names";

const words = {
  clear: { en: "Seen in clear", zh: "查看明文记录" },
  noClear: { en: "Nobody has seen a field in clear.", zh: "无人查看过明文。" },
  masked: { en: "Access log, the last 50", zh: "访问日志（最近 50 条）" },
  at: { en: "At", zh: "时间" },
  field: { en: "Field", zh: "字段" },
  reason: { en: "Reason", zh: "原因" },
  by: { en: "By", zh: "查看人" },
  operation: { en: "Operation", zh: "操作" },
  address: { en: "From", zh: "来源地址" },
};

export function Reads({ customer }: { customer: string }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const may = useMay();
  const { data, error } = api.useQuery("get", "/v1/customers/{customer}/reveals", {
    params: { path: { customer }, query: { limit: 100 } },
  });
  return (
    <>
      <Section<Schemas["RevealDocument"]>
        title={t.clear}
        rows={data?.data}
        error={error}
        of={({ id }) => id}
        empty={t.noClear}
        columns={[
          momentColumn("at", t.at, ({ created_at }) => created_at),
          textColumn("field", t.field, ({ field }) => SEEN[field][language]),
          textColumn("reason", t.reason, ({ reason }) => reason),
          idColumn("by", t.by, ({ revealed_by }) => revealed_by),
        ]}
      />
      {may("access:read") && <AccessLog subject={customer} />}
    </>
  );
}

function AccessLog({ subject }: { subject: string }) {
  const t = useWords(words);
  const { data, error } = api.useQuery("get", "/v1/access-log", { params: { query: { subject, limit: 50 } } });
  return (
    <Section<Schemas["ReadDocument"]>
      title={t.masked}
      rows={data?.data}
      error={error}
      of={({ id }) => id}
      columns={[
        momentColumn("at", t.at, ({ at }) => at),
        textColumn("operation", t.operation, ({ operation }) => operation),
        textColumn("why", t.reason, ({ why }) => why),
        idColumn("by", t.by, ({ person }) => person),
        textColumn("address", t.address, ({ address }) => address),
      ]}
    />
  );
}
