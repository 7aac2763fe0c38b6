// The models that are kept: which one decides, which are watched beside it.

import type { Schemas } from "@anfu/api";
import { Link } from "react-router";
import { client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { Choice, useFilters } from "../../parts/filters";
import { Id } from "../../parts/Id";
import { type Column, ListTable } from "../../parts/ListTable";
import { Moment } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";
import { StateTag } from "../../parts/StateTag";
import { MODEL_STATE, ROLE } from "./names";

type Model = Schemas["ModelDocument"];

const NAMES = ["state"] as const;
const words = {
  title: { en: "Models", zh: "模型" },
  about: {
    en: "The champion scores payments; challengers score the same ones and act on nothing.",
    zh: "现任模型为支付评分；挑战模型对同样的支付评分但不参与决策。",
  },
  empty: {
    en: "No model is kept yet. Train one with anfu train --register, or bring one with anfu models add.",
    zh: "尚无模型。可用 anfu train --register 训练，或用 anfu models add 导入。",
  },
  name: { en: "Model", zh: "模型" },
  role: { en: "Role", zh: "用途" },
  state: { en: "State", zh: "状态" },
  size: { en: "Size", zh: "大小" },
  made: { en: "Brought", zh: "导入时间" },
  author: { en: "By", zh: "导入人" },
  moved: { en: "Stands so since", zh: "状态起始" },
};

export default function Models() {
  const t = useWords(words);
  const { language } = usePreferences();
  const filters = useFilters(NAMES);
  const columns: Column<Model>[] = [
    {
      key: "name",
      title: t.name,
      text: ({ id, name }) => `${name} ${id}`,
      render: ({ id, name }) => (
        <>
          <Link to={`/models/${id}`}>{name}</Link> <small className="mono">{`…${id.slice(-7)}`}</small>
        </>
      ),
    },
    { key: "role", title: t.role, text: ({ role }) => role, render: ({ role }) => ROLE[role][language] },
    { key: "state", title: t.state, text: ({ state }) => state, render: ({ state }) => <StateTag state={state} states={MODEL_STATE} /> },
    { key: "moved", title: t.moved, text: ({ moved_at }) => moved_at, render: ({ moved_at }) => <Moment at={moved_at} /> },
    { key: "size", title: t.size, align: "right", text: ({ size }) => size, render: ({ size }) => `${Math.ceil(size / 1_024).toLocaleString("en")} KB` },
    { key: "made", title: t.made, text: ({ created_at }) => created_at, render: ({ created_at }) => <Moment at={created_at} /> },
    { key: "author", title: t.author, text: ({ author }) => author, render: ({ author }) => <Id id={author} /> },
  ];
  const options = Object.entries(MODEL_STATE).map(([value, label]) => ({ value, label: label[language] }));
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <ListTable
        name={["/v1/models", filters.values]}
        read={(at) => got(client.GET("/v1/models", { params: { query: { ...at, ...(filters.values as { state?: "CHAMPION" }) } } }))}
        columns={columns}
        to={({ id }) => `/models/${id}`}
        filters={<Choice filters={filters} name="state" label={t.state} options={options} />}
        empty={t.empty}
        file="models"
      />
    </>
  );
}
