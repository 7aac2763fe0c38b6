// Where events are sent to.

import type { Schemas } from "@anfu/api";
import { PlusOutlined } from "@ant-design/icons";
import { App, Button, DatePicker, Flex, Form, Input, Select } from "antd";
import type { Dayjs } from "dayjs";
import { useState } from "react";
import { Link } from "react-router";
import { api, client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { Id } from "../../parts/Id";
import { type Column, ListTable } from "../../parts/ListTable";
import { Moment } from "../../parts/Moment";
import { Once } from "../../parts/Once";
import { PageHead } from "../../parts/PageHead";
import { StateTag } from "../../parts/StateTag";
import { DELIVERY, ENDPOINT } from "./names";

type Endpoint = Schemas["EndpointDocument"];

const words = {
  title: { en: "Webhooks", zh: "回调地址" },
  about: {
    en: "Events go to these addresses, signed (t=…,v1=…), in the order in which they happened to their object.",
    zh: "事件按对象发生顺序投递至以下地址，并附签名 (t=…,v1=…)。",
  },
  make: { en: "Add an address", zh: "新增地址" },
  url: { en: "Address (https)", zh: "地址（https）" },
  merchant: { en: "Of a merchant (empty: the institution)", zh: "所属商户（留空为本机构）" },
  whose: { en: "Whose", zh: "所属" },
  state: { en: "State", zh: "状态" },
  since: { en: "Since", zh: "创建时间" },
  secret: { en: "Secret with which events are signed", zh: "事件签名密钥" },
  needed: { en: "Please fill this in", zh: "请填写" },
  disable: { en: "Disable", zh: "停用" },
  sure: { en: "Nothing is sent to it any more.", zh: "停用后不再投递。" },
  replay: { en: "Deliver again", zh: "重新投递" },
  from: { en: "Since when", zh: "起始时间" },
  which: { en: "Which", zh: "范围" },
  replayed: { en: "Deliveries are on their way again", zh: "已重新投递" },
  deliveries: { en: "Deliveries", zh: "投递记录" },
};

export default function Webhooks() {
  const t = useWords(words);
  const may = useMay();
  const [secret, setSecret] = useState<string | null>(null);
  const columns: Column<Endpoint>[] = [
    { key: "url", title: t.url, render: ({ url }) => <span className="mono">{url}</span>, text: ({ url }) => url },
    { key: "merchant", title: t.whose, text: ({ merchant }) => merchant, render: ({ merchant }) => <Id id={merchant} /> },
    { key: "state", title: t.state, text: ({ status }) => status, render: ({ status }) => <StateTag state={status} states={ENDPOINT} /> },
    { key: "since", title: t.since, text: ({ created_at }) => created_at, render: ({ created_at }) => <Moment at={created_at} /> },
    { key: "to", title: "", text: () => null, render: ({ id }) => <Link to={`/deliveries?endpoint=${id}`}>{t.deliveries}</Link> },
    { key: "act", title: "", text: () => null, render: (endpoint) => may("webhooks:write") && <Acts endpoint={endpoint} /> },
  ];
  return (
    <>
      <PageHead
        title={t.title}
        about={t.about}
        actions={may("webhooks:write") && <Make onMade={(made) => setSecret(made.secret ?? null)} />}
      />
      <ListTable
        name={["/v1/webhook_endpoints"]}
        read={(query) => got(client.GET("/v1/webhook_endpoints", { params: { query } }))}
        columns={columns}
        file="webhooks"
      />
      <Once title={t.secret} secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}

function Make({ onMade }: { onMade: (endpoint: Endpoint) => void }) {
  const t = useWords(words);
  const [open, setOpen] = useState(false);
  const { run, busy } = useAct(api.useMutation("post", "/v1/webhook_endpoints"));
  return (
    <>
      <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen(true)}>
        {t.make}
      </Button>
      <Ask<Schemas["EndpointForm"]>
        title={t.make}
        open={open}
        busy={busy}
        onClose={() => setOpen(false)}
        onGive={({ url, merchant }) =>
          run({ body: { url, merchant: merchant || null } }, (made) => {
            setOpen(false);
            onMade(made);
          })
        }
      >
        <Form.Item name="url" label={t.url} rules={[{ required: true, message: t.needed }]}>
          <Input type="url" placeholder="https://" />
        </Form.Item>
        <Form.Item name="merchant" label={t.merchant}>
          <Input placeholder="mer_…" />
        </Form.Item>
      </Ask>
    </>
  );
}

function Acts({ endpoint }: { endpoint: Endpoint }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const { modal } = App.useApp();
  const [open, setOpen] = useState(false);
  const params = { path: { endpoint: endpoint.id } };
  const disable = useAct(api.useMutation("post", "/v1/webhook_endpoints/{endpoint}/disable"));
  const replay = useAct(api.useMutation("post", "/v1/webhook_endpoints/{endpoint}/replay"), t.replayed);
  if (endpoint.status === "DISABLED") return null;
  const end = () =>
    modal.confirm({
      title: `${t.disable}: ${endpoint.url}`,
      content: t.sure,
      okButtonProps: { danger: true },
      onOk: () => disable.run({ params }),
    });
  return (
    <Flex gap={6}>
      <Button size="small" onClick={() => setOpen(true)}>
        {t.replay}
      </Button>
      <Button size="small" danger loading={disable.busy} onClick={() => void end()}>
        {t.disable}
      </Button>
      <Ask<{ since: Dayjs; state: "DEAD" | "DELIVERED" }>
        title={t.replay}
        open={open}
        busy={replay.busy}
        first={{ state: "DEAD" }}
        onClose={() => setOpen(false)}
        onGive={({ since, state }) =>
          replay.run({ params, body: { since: since.toISOString(), state } }, () => setOpen(false))
        }
      >
        <Form.Item name="since" label={t.from} rules={[{ required: true, message: t.needed }]}>
          <DatePicker showTime style={{ width: "100%" }} />
        </Form.Item>
        <Form.Item name="state" label={t.which}>
          <Select options={(["DEAD", "DELIVERED"] as const).map((value) => ({ value, label: DELIVERY[value][language] }))} />
        </Form.Item>
      </Ask>
    </Flex>
  );
}
