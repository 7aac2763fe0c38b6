// The devices a payer was seen with.

import type { Schemas } from "@anfu/api";
import { api } from "../../app/client";
import { useWords } from "../../app/words";
import { idColumn, momentColumn, stateColumn } from "../../parts/columns";
import { Section } from "../../parts/Section";
import { TIE } from "./names";

const words = {
  title: { en: "Devices", zh: "设备" },
  none: { en: "No device of this payer has been seen.", zh: "未见过该付款人的设备。" },
  device: { en: "Device", zh: "设备编号" },
  state: { en: "State", zh: "状态" },
  first: { en: "First seen", zh: "首次出现" },
  last: { en: "Last seen", zh: "最近出现" },
};

export function Devices({ payer }: { payer: string }) {
  const t = useWords(words);
  const { data, error } = api.useQuery("get", "/v1/devices", { params: { query: { payer, limit: 100 } } });
  return (
    <Section<Schemas["TieDocument"]>
      title={t.title}
      rows={data?.data}
      error={error}
      of={({ device }) => device}
      empty={t.none}
      columns={[
        idColumn("device", t.device, ({ device }) => device),
        stateColumn("state", t.state, ({ state }) => state, TIE),
        momentColumn("first", t.first, ({ first_at }) => first_at),
        momentColumn("last", t.last, ({ last_at }) => last_at),
      ]}
    />
  );
}
