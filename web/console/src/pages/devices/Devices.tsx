// The devices of one payer: a device is looked for by whom it was seen with.

import type { Schemas } from "@anfu/api";
import { Empty } from "antd";
import { client, got } from "../../app/client";
import { useReason } from "../../app/reason";
import { useWords } from "../../app/words";
import { idColumn, momentColumn, stateColumn } from "../../parts/columns";
import { TextFilter, useFilters } from "../../parts/filters";
import { ListTable } from "../../parts/ListTable";
import { PageHead } from "../../parts/PageHead";
import { TIE } from "../customers/names";

type Tie = Schemas["TieDocument"] & { id: string };

const NAMES = ["payer"] as const;
const words = {
  title: { en: "Devices", zh: "设备" },
  about: {
    en: "Type the id of a payer; a device itself is found by its id in the search above.",
    zh: "请输入付款人编号；也可在上方搜索框直接按设备编号查找。",
  },
  none: { en: "No device of this payer has been seen.", zh: "未见过该付款人的设备。" },
  payer: { en: "Payer", zh: "付款人" },
  device: { en: "Device", zh: "设备编号" },
  state: { en: "State", zh: "状态" },
  first: { en: "First seen", zh: "首次出现" },
  last: { en: "Last seen", zh: "最近出现" },
  moved: { en: "In this state since", zh: "状态变更时间" },
};

export default function Devices() {
  const t = useWords(words);
  const filters = useFilters(NAMES);
  const { payer } = filters.values;
  if (useReason() === null) return null;
  const filter = <TextFilter filters={filters} name="payer" label={t.payer} />;
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      {payer === undefined ? (
        <>
          {filter}
          <Empty description={t.about} style={{ marginTop: 48 }} />
        </>
      ) : (
        <ListTable<Tie>
          name={["/v1/devices", payer]}
          read={async ({ limit }) => {
            const { data } = await got(client.GET("/v1/devices", { params: { query: { payer, limit } } }));
            return { data: data.map((tie) => ({ ...tie, id: tie.device })), more: false };
          }}
          to={({ device }) => `/devices/${device}`}
          columns={[
            idColumn("device", t.device, ({ device }) => device),
            stateColumn("state", t.state, ({ state }) => state, TIE),
            momentColumn("first", t.first, ({ first_at }) => first_at),
            momentColumn("last", t.last, ({ last_at }) => last_at),
            momentColumn("moved", t.moved, ({ moved_at }) => moved_at),
          ]}
          filters={filter}
          empty={t.none}
          file={`devices-${payer}`}
        />
      )}
    </>
  );
}
