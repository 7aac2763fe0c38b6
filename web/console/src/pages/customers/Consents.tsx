// What a customer agreed to, and took back.

import type { Schemas } from "@anfu/api";
import { Flex, Tag } from "antd";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { idColumn, momentColumn, stateColumn, textColumn } from "../../parts/columns";
import { Section } from "../../parts/Section";
import { CONSENT, PURPOSES } from "./names";

const words = {
  title: { en: "Consent", zh: "同意记录" },
  none: { en: "The customer has given no consent.", zh: "客户未作出任何同意。" },
  force: { en: "In force:", zh: "当前有效：" },
  nothing: { en: "nothing", zh: "无" },
  purpose: { en: "Purpose", zh: "处理目的" },
  act: { en: "Said", zh: "意思表示" },
  separate: { en: "Separately", zh: "单独同意" },
  yes: { en: "yes", zh: "是" },
  text: { en: "Text", zh: "文本版本" },
  law: { en: "Law", zh: "依据" },
  at: { en: "At", zh: "时间" },
  by: { en: "Recorded by", zh: "记录人" },
};

export function Consents({ customer }: { customer: string }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const { data, error } = api.useQuery("get", "/v1/customers/{customer}/consents", { params: { path: { customer } } });
  const force = data && (
    <Flex wrap gap={6} align="center">
      {t.force}
      {data.in_force.length === 0 ? t.nothing : data.in_force.map((purpose) => <Tag key={purpose}>{PURPOSES[purpose][language]}</Tag>)}
    </Flex>
  );
  return (
    <Section<Schemas["ConsentDocument"]>
      title={t.title}
      about={force}
      rows={data?.data}
      error={error}
      of={({ id }) => id}
      empty={t.none}
      columns={[
        momentColumn("at", t.at, ({ created_at }) => created_at),
        textColumn("purpose", t.purpose, ({ purpose }) => PURPOSES[purpose][language]),
        stateColumn("act", t.act, ({ act }) => act, CONSENT),
        textColumn("separate", t.separate, ({ separate }) => (separate ? t.yes : null)),
        textColumn("text", t.text, ({ text_version }) => text_version),
        textColumn("law", t.law, ({ law }) => law),
        idColumn("by", t.by, ({ recorded_by }) => recorded_by),
      ]}
    />
  );
}
