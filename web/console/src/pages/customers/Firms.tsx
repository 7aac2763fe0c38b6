// Firms that pay.

import type { Schemas } from "@anfu/api";
import { client, got } from "../../app/client";
import { useWords } from "../../app/words";
import { idColumn, momentColumn, stateColumn, textColumn, useOptions } from "../../parts/columns";
import { Choice, useFilters } from "../../parts/filters";
import { ListTable } from "../../parts/ListTable";
import { PageHead } from "../../parts/PageHead";
import { PARTY } from "./names";

const NAMES = ["state"] as const;
const words = {
  title: { en: "Firms", zh: "单位客户" },
  empty: { en: "No firm has applied for an account, or none is in this state.", zh: "暂无单位客户，或没有处于该状态的单位客户。" },
  name: { en: "Name", zh: "名称" },
  code: { en: "Credit code", zh: "统一社会信用代码" },
  state: { en: "State", zh: "状态" },
  until: { en: "Documents good until", zh: "证照有效期至" },
  since: { en: "Applied", zh: "申请时间" },
  firm: { en: "Firm", zh: "编号" },
};

export default function Firms() {
  const t = useWords(words);
  const filters = useFilters(NAMES);
  const { APPLIED, OPENED, SUSPENDED } = PARTY;
  const states = useOptions({ APPLIED, OPENED, SUSPENDED });
  const asked = filters.values as { state?: "OPENED" };
  return (
    <>
      <PageHead title={t.title} />
      <ListTable<Schemas["FirmSummary"]>
        name={["/v1/firms", asked]}
        read={(at) => got(client.GET("/v1/firms", { params: { query: { ...at, ...asked } } }))}
        to={({ id }) => `/firms/${id}`}
        columns={[
          textColumn("name", t.name, ({ name }) => name),
          textColumn("code", t.code, ({ credit_code }) => credit_code),
          stateColumn("state", t.state, ({ state }) => state, PARTY),
          textColumn("until", t.until, ({ document_until }) => document_until),
          momentColumn("since", t.since, ({ created_at }) => created_at),
          idColumn("id", t.firm, ({ id }) => id),
        ]}
        filters={<Choice filters={filters} name="state" label={t.state} options={states} />}
        empty={t.empty}
        file="firms"
      />
    </>
  );
}
