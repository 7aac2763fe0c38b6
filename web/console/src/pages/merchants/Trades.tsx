// The trades of ISO 18245, and who may not be a merchant.

import type { Schemas } from "@anfu/api";
import { client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { stateColumn, textColumn, useOptions } from "../../parts/columns";
import { Choice, TextFilter, useFilters } from "../../parts/filters";
import { ListTable } from "../../parts/ListTable";
import { PageHead } from "../../parts/PageHead";
import { GRADE } from "./names";

type Trade = Schemas["TradeDocument"] & { id: string };

const NAMES = ["name", "grade"] as const;
const words = {
  title: { en: "Trades", zh: "商户类别" },
  about: {
    en: "Codes of ISO 18245. Nobody is a merchant for a prohibited one (银发〔2019〕85号 四(十三)).",
    zh: "ISO 18245 商户类别代码。禁止类不得入网（银发〔2019〕85号 四(十三)）。",
  },
  mcc: { en: "Code", zh: "代码" },
  name: { en: "Trade", zh: "类别" },
  grade: { en: "Grade", zh: "等级" },
};

export default function Trades() {
  const t = useWords(words);
  const { language } = usePreferences();
  const filters = useFilters(NAMES);
  const grades = useOptions(GRADE);
  const { name = "", grade } = filters.values;
  const wanted = (trade: Trade) =>
    (grade === undefined || trade.grade === grade) &&
    `${trade.mcc} ${trade.en} ${trade.zh}`.toLowerCase().includes(name.toLowerCase());
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <ListTable<Trade>
        name={["/v1/trades", filters.values]}
        read={async () => {
          const { data } = await got(client.GET("/v1/trades"));
          return { data: data.map((trade) => ({ ...trade, id: trade.mcc })).filter(wanted), more: false };
        }}
        columns={[
          textColumn("mcc", t.mcc, ({ mcc }) => mcc),
          textColumn("name", t.name, (trade) => trade[language]),
          stateColumn("grade", t.grade, (trade) => trade.grade, GRADE),
        ]}
        filters={
          <>
            <TextFilter filters={filters} name="name" label={t.name} />
            <Choice filters={filters} name="grade" label={t.grade} options={grades} />
          </>
        }
        file="trades"
      />
    </>
  );
}
