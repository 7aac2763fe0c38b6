// What a customer proves with.

import type { Schemas } from "@anfu/api";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { momentColumn, stateColumn, textColumn } from "../../parts/columns";
import { Section } from "../../parts/Section";
import { FACTOR, FACTOR_CLASSES, FACTORS } from "./names";

const words = {
  title: { en: "Factors", zh: "验证要素" },
  none: { en: "The customer has set up no factor: it proves with codes to its phone.", zh: "客户未设置验证要素，仅可使用短信验证码。" },
  kind: { en: "Kind", zh: "类型" },
  class: { en: "Class", zh: "要素类别" },
  label: { en: "Label", zh: "名称" },
  state: { en: "State", zh: "状态" },
  usable: { en: "Good from", zh: "可用时间" },
  locked: { en: "Locked until", zh: "锁定至" },
  since: { en: "Set up", zh: "设置时间" },
  ended: { en: "Ended", zh: "终止时间" },
};

export function Factors({ customer }: { customer: string }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const { data, error } = api.useQuery("get", "/v1/customers/{customer}/factors", { params: { path: { customer } } });
  return (
    <Section<Schemas["FactorDocument"]>
      title={t.title}
      rows={data?.data}
      error={error}
      of={({ id }) => id}
      empty={t.none}
      columns={[
        textColumn("kind", t.kind, ({ kind }) => FACTORS[kind][language]),
        textColumn("class", t.class, (row) => FACTOR_CLASSES[row.class][language]),
        textColumn("label", t.label, ({ label }) => label),
        stateColumn("state", t.state, ({ state }) => state, FACTOR),
        momentColumn("usable", t.usable, ({ usable_from }) => usable_from),
        momentColumn("locked", t.locked, ({ locked_until }) => locked_until),
        momentColumn("since", t.since, ({ created_at }) => created_at),
        momentColumn("ended", t.ended, ({ ended_at }) => ended_at),
      ]}
    />
  );
}
