// One merchant: how it came in, its own limits, how it is paid out, its payments.

import type { Schemas } from "@anfu/api";
import { Flex, Tag } from "antd";
import { Link, useParams } from "react-router";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { moneyColumn, momentColumn, stateColumn, textColumn } from "../../parts/columns";
import { Id } from "../../parts/Id";
import { PageHead } from "../../parts/PageHead";
import { ProblemView } from "../../parts/ProblemView";
import { Section } from "../../parts/Section";
import { StateTag } from "../../parts/StateTag";
import { Accounts } from "../customers/Accounts";
import { PARTY, WINDOWS } from "../customers/names";
import { Payments } from "../customers/Payments";
import { APPLICATION, RATING } from "./names";
import { Origins } from "./Origins";
import { SameDay } from "./SameDay";
import { Terms } from "./Terms";

const words = {
  applications: { en: "Application", zh: "入网申请" },
  noApplication: { en: "Opened without an application: a merchant of a trial.", zh: "试用环境商户，未经入网申请。" },
  name: { en: "Registered as", zh: "登记名称" },
  state: { en: "State", zh: "状态" },
  rating: { en: "Rating", zh: "风险等级" },
  due: { en: "Look again by", zh: "复核截止日" },
  at: { en: "Written", zh: "填写时间" },
  open: { en: "Open", zh: "查看" },
  limits: { en: "Its own limits", zh: "商户自设限额" },
  noLimits: { en: "The merchant has set no limit of its own.", zh: "商户未设置自有限额。" },
  window: { en: "Window", zh: "时段" },
  most: { en: "At most", zh: "限额" },
};

export default function Merchant() {
  const merchant = useParams().merchant ?? "";
  const may = useMay();
  const { data, error } = api.useQuery("get", "/v1/merchants/{merchant}", { params: { path: { merchant } } });
  if (error !== null) return <ProblemView problem={error} />;
  if (data === undefined) return null;
  return (
    <>
      <PageHead
        title={data.name}
        about={
          <Flex wrap gap={8} align="center">
            <Id id={data.id} whole />
            <StateTag state={data.status} states={PARTY} />
            {data.mcc !== null && <Trade mcc={data.mcc} />}
          </Flex>
        }
      />
      {may("applications:read") && <Applied merchant={merchant} />}
      <Limits merchant={merchant} />
      {may("settlements:read") && <Terms merchant={merchant} />}
      <SameDay merchant={merchant} />
      <Origins merchant={merchant} />
      {may("balances:read") && <Accounts owner={merchant} />}
      {may("payments:read") && <Payments customer={merchant} />}
    </>
  );
}

/** A code of ISO 18245 with what it is called. */
export function Trade({ mcc }: { mcc: string }) {
  const { language } = usePreferences();
  const { data } = api.useQuery("get", "/v1/trades", {}, { staleTime: Number.POSITIVE_INFINITY });
  const found = data?.data.find((trade) => trade.mcc === mcc);
  return (
    <Tag>
      {mcc} {found?.[language]}
    </Tag>
  );
}

function Applied({ merchant }: { merchant: string }) {
  const t = useWords(words);
  const { data, error } = api.useQuery("get", "/v1/merchant-applications", { params: { query: { merchant } } });
  return (
    <Section<Schemas["ApplicationSummary"]>
      title={t.applications}
      rows={data?.data}
      error={error}
      of={({ id }) => id}
      empty={t.noApplication}
      columns={[
        textColumn("name", t.name, ({ legal_name }) => legal_name),
        stateColumn("state", t.state, ({ state }) => state, APPLICATION),
        { key: "rating", title: t.rating, render: ({ rating }) => (rating === null ? "—" : <StateTag state={rating} states={RATING} />) },
        textColumn("due", t.due, ({ due_on }) => due_on),
        momentColumn("at", t.at, ({ created_at }) => created_at),
        { key: "open", title: "", render: ({ id }) => <Link to={`/applications/${id}`}>{t.open}</Link> },
      ]}
    />
  );
}

function Limits({ merchant }: { merchant: string }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const { data, error } = api.useQuery("get", "/v1/merchants/{merchant}/limits", { params: { path: { merchant } } });
  return (
    <Section<Schemas["MerchantLimitDocument"]>
      title={t.limits}
      rows={data?.data}
      error={error}
      of={({ window, currency }) => `${window} ${currency}`}
      empty={t.noLimits}
      columns={[
        textColumn("window", t.window, ({ window }) => WINDOWS[window][language]),
        moneyColumn("most", t.most, ({ most }) => most),
      ]}
    />
  );
}
