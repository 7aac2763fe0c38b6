// How a customer came in, and what outside channels said about it.

import type { Schemas } from "@anfu/api";
import { Card } from "antd";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { ProblemView } from "../../parts/ProblemView";
import { CLASSES } from "./names";
import { Verifications } from "./Verifications";

const words = {
  title: { en: "Verification by outside channels", zh: "外部渠道核验" },
  direct: {
    en: "The account was opened directly, with the class its opener asked for: there was no onboarding here.",
    zh: "该账户由开户方直接开立并指定类别，未经本系统核验流程。",
  },
  channels: { en: (count: number) => `${count} independent channels confirmed`, zh: (count: number) => `${count} 个独立渠道核验一致` },
  until: { en: (day: string) => `document good until ${day}`, zh: (day: string) => `证件有效期至 ${day}` },
  missing: {
    en: (count: number, to: string) => `${count} more for ${to}`,
    zh: (count: number, to: string) => `再核验 ${count} 个渠道可升级为${to}`,
  },
};

export function Onboarding({ customer }: { customer: string }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const { data, error } = api.useQuery("get", "/v1/customers/{customer}/onboarding", { params: { path: { customer } } });
  if (error?.code === "onboarding_not_found")
    return (
      <Card size="small" title={t.title} style={{ marginBottom: 16 }}>
        {t.direct}
      </Card>
    );
  if (error !== null) return <ProblemView problem={error} />;
  const about = ({ channels, document_until, missing }: Schemas["OnboardingDocument"]) =>
    [
      t.channels(channels),
      t.until(document_until),
      ...Object.entries(missing).map(([to, count]) => t.missing(count, CLASSES[to][language])),
    ].join(" · ");
  return <Verifications title={t.title} rows={data?.verifications} about={data && about(data)} />;
}
