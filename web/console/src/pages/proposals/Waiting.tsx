// Everything that takes a second person, whom the reader may be.

import type { Schemas } from "@anfu/api";
import { Typography } from "antd";
import { Link } from "react-router";
import { client, got } from "../../app/client";
import { useSay, useWords } from "../../app/words";
import { Id } from "../../parts/Id";
import { type Column, ListTable } from "../../parts/ListTable";
import { Ago } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";

type Waiting = Schemas["WaitingDocument"];

const words = {
  title: { en: "Waiting for me", zh: "待我决定" },
  about: {
    en: "What somebody else proposed and you may decide on, the oldest first.",
    zh: "他人提议、您有权决定的事项，按等待时间排列。",
  },
  empty: { en: "Nothing waits for you.", zh: "没有待您决定的事项。" },
  what: { en: "What", zh: "事项" },
  about_: { en: "About", zh: "对象" },
  by: { en: "Proposed by", zh: "提议人" },
  itself: { en: "came by itself", zh: "系统产生" },
  since: { en: "Waits since", zh: "等待" },
};
// Where the console shows what the API reads elsewhere, or what has no page of its own.
const PLACES: Partial<Record<Waiting["kind"], (found: Waiting) => string>> = {
  staff_change: () => "/staff-changes",
  same_day: ({ about }) => `/merchants/${about}`,
  settlement_terms: ({ about }) => `/merchants/${about}`,
  payout_batch: () => "/payouts",
  bill: () => "/bills",
  treatment: ({ about }) => `/items/${about}`,
};

/** The page of what waits; for most it is named as in the API. */
function placeOf(found: Waiting): string {
  return PLACES[found.kind]?.(found) ?? found.path.replace("/v1", "");
}

export default function WaitingForMe() {
  const t = useWords(words);
  const say = useSay();
  const columns: Column<Waiting>[] = [
    {
      key: "what",
      title: t.what,
      text: ({ kind }) => kind,
      render: (found) => <Link to={placeOf(found)}>{say(found.title.en, found.title.zh)}</Link>,
    },
    { key: "about", title: t.about_, text: ({ about }) => about, render: ({ about }) => <Id id={about} /> },
    {
      key: "by",
      title: t.by,
      text: ({ by }) => by,
      render: ({ by, login }) => (by === null ? <Typography.Text type="secondary">{t.itself}</Typography.Text> : (login ?? <Id id={by} />)),
    },
    { key: "since", title: t.since, text: ({ since }) => since, render: ({ since }) => <Ago at={since} /> },
  ];
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <ListTable
        name={["/v1/waiting"]}
        read={async () => ({ ...(await got(client.GET("/v1/waiting"))), more: false })}
        columns={columns}
        to={placeOf}
        empty={t.empty}
        file="waiting"
      />
    </>
  );
}
