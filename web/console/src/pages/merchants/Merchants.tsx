// Merchants: who is paid.

import type { Schemas } from "@anfu/api";
import { client, got } from "../../app/client";
import { useWords } from "../../app/words";
import { idColumn, momentColumn, stateColumn, textColumn, useOptions } from "../../parts/columns";
import { Choice, useFilters } from "../../parts/filters";
import { ListTable } from "../../parts/ListTable";
import { PageHead } from "../../parts/PageHead";
import { PARTY } from "../customers/names";

const NAMES = ["status"] as const;
const words = {
  title: { en: "Merchants", zh: "商户" },
  about: { en: "A merchant is found by a part of its name in the search above.", zh: "可在上方搜索框按名称片段查找商户。" },
  empty: {
    en: "There is no merchant, or none in this state. A merchant comes in by an application.",
    zh: "暂无商户，或没有处于该状态的商户。商户须经入网申请。",
  },
  name: { en: "Name", zh: "名称" },
  mcc: { en: "Trade (MCC)", zh: "商户类别 (MCC)" },
  status: { en: "State", zh: "状态" },
  since: { en: "Since", zh: "创建时间" },
  merchant: { en: "Merchant", zh: "商户编号" },
};

export default function Merchants() {
  const t = useWords(words);
  const filters = useFilters(NAMES);
  const { APPLIED, ACTIVE, SUSPENDED, CLOSED } = PARTY;
  const states = useOptions({ APPLIED, ACTIVE, SUSPENDED, CLOSED });
  const asked = filters.values as { status?: "ACTIVE" };
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <ListTable<Schemas["MerchantDocument"]>
        name={["/v1/merchants", asked]}
        read={(at) => got(client.GET("/v1/merchants", { params: { query: { ...at, ...asked } } }))}
        to={({ id }) => `/merchants/${id}`}
        columns={[
          textColumn("name", t.name, ({ name }) => name),
          textColumn("mcc", t.mcc, ({ mcc }) => mcc),
          stateColumn("status", t.status, ({ status }) => status, PARTY),
          momentColumn("since", t.since, ({ created_at }) => created_at),
          idColumn("id", t.merchant, ({ id }) => id),
        ]}
        filters={<Choice filters={filters} name="status" label={t.status} options={states} />}
        empty={t.empty}
        file="merchants"
      />
    </>
  );
}
