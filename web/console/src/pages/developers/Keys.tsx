// Keys with which programs call the API.

import type { Schemas } from "@anfu/api";
import { Alert, Flex, Tag, Typography } from "antd";
import { useState } from "react";
import { client, got } from "../../app/client";
import { useWords } from "../../app/words";
import { Id } from "../../parts/Id";
import { type Column, ListTable } from "../../parts/ListTable";
import { Moment } from "../../parts/Moment";
import { Once } from "../../parts/Once";
import { PageHead } from "../../parts/PageHead";
import { StateTag } from "../../parts/StateTag";
import { KeyActs, NewKey } from "./KeyActs";
import { KEY, stateOf } from "./names";

type Key = Schemas["KeyDocument"];

const words = {
  title: { en: "API keys", zh: "接口密钥" },
  about: {
    en: "A key that is rotated goes on beside its successor for a while, and then ends by itself.",
    zh: "轮换后新旧密钥并行有效一段时间，旧密钥到期自动失效。",
  },
  label: { en: "Label", zh: "名称" },
  key: { en: "Key", zh: "密钥编号" },
  scopes: { en: "Scopes", zh: "权限范围" },
  networks: { en: "From", zh: "允许网段" },
  anywhere: { en: "anywhere", zh: "不限" },
  state: { en: "State", zh: "状态" },
  expires: { en: "Good until", zh: "有效期至" },
  person: { en: "Stands behind it", zh: "责任人" },
  secret: { en: "Secret of the key", zh: "密钥内容" },
  reference: { en: "How to sign requests", zh: "请求签名说明" },
};

export default function Keys() {
  const t = useWords(words);
  const [secret, setSecret] = useState<string | null>(null);
  const made = (key: Key) => setSecret(key.secret ? `${key.id}.${key.secret}` : null);
  const columns: Column<Key>[] = [
    { key: "label", title: t.label, render: ({ label }) => label },
    { key: "id", title: t.key, text: ({ id }) => id, render: ({ id }) => <Id id={id} /> },
    {
      key: "state",
      title: t.state,
      text: stateOf,
      render: (key) => <StateTag state={stateOf(key)} states={KEY} />,
    },
    {
      key: "scopes",
      title: t.scopes,
      text: ({ scopes }) => scopes.join(" "),
      render: ({ scopes }) => <Scopes scopes={scopes} />,
    },
    {
      key: "networks",
      title: t.networks,
      text: ({ networks }) => networks.join(" "),
      render: ({ networks }) => (networks.length === 0 ? t.anywhere : networks.join(", ")),
    },
    {
      key: "expires",
      title: t.expires,
      text: ({ expires_at }) => expires_at,
      render: ({ expires_at }) => <Moment at={expires_at} />,
    },
    { key: "person", title: t.person, text: ({ person }) => person, render: ({ person }) => <Id id={person} /> },
    { key: "act", title: "", text: () => null, render: (key) => <KeyActs held={key} onMade={made} /> },
  ];
  return (
    <>
      <PageHead title={t.title} about={t.about} actions={<NewKey onMade={made} />} />
      <ListTable
        name={["/v1/keys"]}
        read={(query) => got(client.GET("/v1/keys", { params: { query } }))}
        columns={columns}
        file="keys"
      />
      <Alert
        type="info"
        style={{ marginTop: 16 }}
        title={<a href="/docs/integrate/signing">{t.reference}</a>}
      />
      <Once title={t.secret} secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}

function Scopes({ scopes }: { scopes: string[] }) {
  const shown = scopes.slice(0, 3);
  return (
    <Flex wrap gap={4} title={scopes.join("\n")} style={{ maxWidth: 380 }}>
      {shown.map((scope) => (
        <Tag key={scope}>{scope}</Tag>
      ))}
      {scopes.length > shown.length && (
        <Typography.Text type="secondary">+{scopes.length - shown.length}</Typography.Text>
      )}
    </Flex>
  );
}
