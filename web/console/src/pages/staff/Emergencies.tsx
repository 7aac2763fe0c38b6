// The sealed envelopes that were opened: who, why, from where, until when.

import type { Schemas } from "@anfu/api";
import { client, got } from "../../app/client";
import { useWords } from "../../app/words";
import { Id } from "../../parts/Id";
import { type Column, ListTable } from "../../parts/ListTable";
import { Moment } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";

type Emergency = Schemas["EmergencyDocument"];

const words = {
  title: { en: "Emergencies", zh: "应急启用记录" },
  about: {
    en: "Each opening of the sealed envelope gave one hour; every request in it is in the evidence.",
    zh: "每次启用应急凭证仅限一小时；期间每个请求均已存证。",
  },
  empty: { en: "The envelope was never opened.", zh: "应急凭证从未启用。" },
  name: { en: "Name given", zh: "所报姓名" },
  reason: { en: "Reason given", zh: "所报原因" },
  address: { en: "From", zh: "来源地址" },
  opened: { en: "Opened", zh: "启用时间" },
  ends: { en: "Ends", zh: "截止时间" },
  account: { en: "Account", zh: "账户" },
};

export default function Emergencies() {
  const t = useWords(words);
  const columns: Column<Emergency>[] = [
    { key: "name", title: t.name, render: ({ name }) => name },
    { key: "reason", title: t.reason, render: ({ reason }) => reason },
    { key: "address", title: t.address, render: ({ address }) => address },
    { key: "opened", title: t.opened, text: ({ opened_at }) => opened_at, render: ({ opened_at }) => <Moment at={opened_at} /> },
    { key: "ends", title: t.ends, text: ({ ends_at }) => ends_at, render: ({ closed_at, ends_at }) => <Moment at={closed_at ?? ends_at} /> },
    { key: "account", title: t.account, text: ({ staff }) => staff, render: ({ staff }) => <Id id={staff} /> },
  ];
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <ListTable
        name={["/v1/emergencies"]}
        read={(query) => got(client.GET("/v1/emergencies", { params: { query } }))}
        columns={columns}
        empty={t.empty}
        file="emergencies"
      />
    </>
  );
}
