// Applications to be a merchant.

import type { Schemas } from "@anfu/api";
import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { Link } from "react-router";
import { client, got } from "../../app/client";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { idColumn, momentColumn, stateColumn, textColumn, useOptions } from "../../parts/columns";
import { Choice, TextFilter, useFilters } from "../../parts/filters";
import { ListTable } from "../../parts/ListTable";
import { PageHead } from "../../parts/PageHead";
import { StateTag } from "../../parts/StateTag";
import { APPLICATION, RATING } from "./names";

const NAMES = ["state", "merchant"] as const;
const words = {
  title: { en: "Applications", zh: "入网申请" },
  about: {
    en: "Whoever wrote or submitted one does not decide on it (国令768 art. 22).",
    zh: "填写或提交人不得审批（国务院令第768号第二十二条）。",
  },
  empty: { en: "Nobody applies now. Write the first application.", zh: "暂无申请，可新建。" },
  make: { en: "New application", zh: "新建申请" },
  name: { en: "Name", zh: "商户名称" },
  legal: { en: "Registered as", zh: "登记名称" },
  state: { en: "State", zh: "状态" },
  rating: { en: "Rating", zh: "风险等级" },
  due: { en: "Look again by", zh: "复核截止日" },
  at: { en: "Written", zh: "填写时间" },
  merchant: { en: "Merchant", zh: "商户" },
};

export default function Applications() {
  const t = useWords(words);
  const may = useMay();
  const filters = useFilters(NAMES);
  const states = useOptions(APPLICATION);
  const asked = filters.values as { state?: "DRAFT"; merchant?: string };
  return (
    <>
      <PageHead
        title={t.title}
        about={t.about}
        actions={
          may("applications:write") && (
            <Link to="/applications/new">
              <Button type="primary" icon={<PlusOutlined />}>
                {t.make}
              </Button>
            </Link>
          )
        }
      />
      <ListTable<Schemas["ApplicationSummary"]>
        name={["/v1/merchant-applications", asked]}
        read={(at) => got(client.GET("/v1/merchant-applications", { params: { query: { ...at, ...asked } } }))}
        to={({ id }) => `/applications/${id}`}
        columns={[
          {
            key: "name",
            title: t.name,
            text: ({ name }) => name,
            render: ({ id, name }) => <Link to={`/applications/${id}`}>{name}</Link>,
          },
          textColumn("legal", t.legal, ({ legal_name }) => legal_name),
          stateColumn("state", t.state, ({ state }) => state, APPLICATION),
          {
            key: "rating",
            title: t.rating,
            text: ({ rating }) => rating,
            render: ({ rating }) => (rating === null ? "—" : <StateTag state={rating} states={RATING} />),
          },
          textColumn("due", t.due, ({ due_on }) => due_on),
          momentColumn("at", t.at, ({ created_at }) => created_at),
          idColumn("merchant", t.merchant, ({ merchant }) => merchant),
        ]}
        filters={
          <>
            <Choice filters={filters} name="state" label={t.state} options={states} />
            <TextFilter filters={filters} name="merchant" label={t.merchant} />
          </>
        }
        empty={t.empty}
        file="applications"
      />
    </>
  );
}
