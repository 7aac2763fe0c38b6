// One device: its keys, and everybody it was seen with.

import type { Schemas } from "@anfu/api";
import { Card, Descriptions } from "antd";
import { useParams } from "react-router";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useReason } from "../../app/reason";
import { useWords } from "../../app/words";
import { idColumn, momentColumn, stateColumn, textColumn } from "../../parts/columns";
import { Moment } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";
import { ProblemView } from "../../parts/ProblemView";
import { Section } from "../../parts/Section";
import { TIE } from "../customers/names";

const TRUST = {
  FOUNDING: { en: "Came with the device", zh: "设备初始密钥" },
  ALIKE: { en: "Taken for the same device by its traits", zh: "按特征认定为同一设备" },
  CONFIRMED: { en: "By its traits, then bound", zh: "按特征认定并已绑定" },
};
const words = {
  title: { en: (id: string) => `Device ${id.slice(-7)}`, zh: (id: string) => `设备 ${id.slice(-7)}` },
  first: { en: "First seen", zh: "首次出现" },
  last: { en: "Last seen", zh: "最近出现" },
  count: { en: "Payers", zh: "付款人数" },
  payers: { en: "Payers it was seen with", zh: "关联付款人" },
  payer: { en: "Payer", zh: "付款人" },
  state: { en: "State", zh: "状态" },
  moved: { en: "In this state since", zh: "状态变更时间" },
  keys: { en: "Keys", zh: "设备密钥" },
  thumbprint: { en: "SHA-256", zh: "SHA-256 指纹" },
  trust: { en: "What it is worth", zh: "可信程度" },
};

export default function Device() {
  const t = useWords(words);
  const { language } = usePreferences();
  const device = useParams().device ?? "";
  const reason = useReason();
  const { data, error } = api.useQuery(
    "get",
    "/v1/devices/{device}",
    { params: { path: { device } } },
    { enabled: reason !== null },
  );
  if (error !== null) return <ProblemView problem={error} />;
  if (data === undefined) return null;
  return (
    <>
      <PageHead title={t.title(data.id)} about={<span className="mono">{data.id}</span>} />
      <Card size="small" style={{ marginBottom: 16 }}>
        <Descriptions
          size="small"
          column={{ xs: 1, sm: 3 }}
          items={[
            { key: "count", label: t.count, children: data.ties.length },
            { key: "first", label: t.first, children: <Moment at={data.created_at} /> },
            { key: "last", label: t.last, children: <Moment at={data.last_seen_at} /> },
          ]}
        />
      </Card>
      <Section<Schemas["TieDocument"]>
        title={t.payers}
        rows={data.ties}
        of={({ payer }) => payer}
        columns={[
          idColumn("payer", t.payer, ({ payer }) => payer),
          stateColumn("state", t.state, ({ state }) => state, TIE),
          momentColumn("first", t.first, ({ first_at }) => first_at),
          momentColumn("last", t.last, ({ last_at }) => last_at),
          momentColumn("moved", t.moved, ({ moved_at }) => moved_at),
        ]}
      />
      <Section<Schemas["DeviceKeyDocument"]>
        title={t.keys}
        rows={data.keys}
        of={({ thumbprint }) => thumbprint}
        columns={[
          textColumn("trust", t.trust, ({ trust }) => TRUST[trust][language]),
          { key: "thumbprint", title: t.thumbprint, render: ({ thumbprint }) => <span className="mono">{thumbprint}</span> },
        ]}
      />
    </>
  );
}
