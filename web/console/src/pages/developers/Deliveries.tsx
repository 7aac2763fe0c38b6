// What was sent to whom, how often it was tried, and what was answered.

import type { Schemas } from "@anfu/api";
import { Button } from "antd";
import { api, client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { useAct } from "../../parts/act";
import { Choice, TextFilter, useFilters } from "../../parts/filters";
import { Id } from "../../parts/Id";
import { type Column, ListTable } from "../../parts/ListTable";
import { Ago } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";
import { StateTag } from "../../parts/StateTag";
import { DELIVERY } from "./names";

type Delivery = Schemas["DeliveryDocument"];

const NAMES = ["state", "event", "endpoint"] as const;
const words = {
  title: { en: "Deliveries", zh: "回调投递" },
  event: { en: "Event", zh: "事件" },
  endpoint: { en: "Endpoint", zh: "回调地址编号" },
  state: { en: "State", zh: "状态" },
  attempts: { en: "Attempts", zh: "尝试次数" },
  answered: { en: "Answered", zh: "响应码" },
  error: { en: "What went wrong", zh: "失败原因" },
  next: { en: "Next attempt", zh: "下次尝试" },
  again: { en: "Deliver again", zh: "重新投递" },
};

export default function Deliveries() {
  const t = useWords(words);
  const { language } = usePreferences();
  const may = useMay();
  const filters = useFilters(NAMES);
  const columns: Column<Delivery>[] = [
    { key: "event", title: t.event, text: ({ event }) => event, render: ({ event }) => <Id id={event} /> },
    { key: "endpoint", title: t.endpoint, text: ({ endpoint }) => endpoint, render: ({ endpoint }) => <Id id={endpoint} /> },
    { key: "state", title: t.state, text: ({ state }) => state, render: ({ state }) => <StateTag state={state} states={DELIVERY} /> },
    { key: "attempts", title: t.attempts, align: "end", render: ({ attempts }) => attempts },
    { key: "answered", title: t.answered, align: "end", render: ({ answered }) => answered ?? "—", text: ({ answered }) => answered },
    { key: "error", title: t.error, render: ({ error }) => error ?? "—", text: ({ error }) => error },
    {
      key: "next",
      title: t.next,
      text: ({ next_at }) => next_at,
      render: ({ state, next_at }) => (state === "WAITING" && next_at ? <Ago at={next_at} /> : "—"),
    },
    {
      key: "act",
      title: "",
      text: () => null,
      render: (delivery) => may("webhooks:write") && delivery.state !== "WAITING" && <Again id={delivery.id} />,
    },
  ];
  const options = Object.entries(DELIVERY).map(([value, label]) => ({ value, label: label[language] }));
  return (
    <>
      <PageHead title={t.title} />
      <ListTable
        name={["/v1/deliveries", filters.values]}
        read={(at) =>
          got(client.GET("/v1/deliveries", { params: { query: { ...at, ...(filters.values as { state?: "DEAD" }) } } }))
        }
        columns={columns}
        filters={
          <>
            <Choice filters={filters} name="state" label={t.state} options={options} />
            <TextFilter filters={filters} name="endpoint" label={t.endpoint} />
            <TextFilter filters={filters} name="event" label={t.event} />
          </>
        }
        file="deliveries"
      />
    </>
  );
}

function Again({ id }: { id: string }) {
  const t = useWords(words);
  const { run, busy } = useAct(api.useMutation("post", "/v1/deliveries/{delivery}/replay"));
  return (
    <Button size="small" loading={busy} onClick={() => run({ params: { path: { delivery: id } } })}>
      {t.again}
    </Button>
  );
}
