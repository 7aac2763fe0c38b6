// Making, rotating, narrowing and revoking a key.

import type { Schemas } from "@anfu/api";
import { PlusOutlined } from "@ant-design/icons";
import { App, Button, Flex, Form, Input, InputNumber, Select, Switch } from "antd";
import { useState } from "react";
import { api } from "../../app/client";
import { useSession } from "../../app/session";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { stateOf } from "./names";

type Key = Schemas["KeyDocument"];

const words = {
  make: { en: "Make a key", zh: "新建密钥" },
  label: { en: "Label: which program uses it", zh: "名称：由哪个程序使用" },
  scopes: { en: "Scopes: only those you hold", zh: "权限范围：不超出本人权限" },
  merchant: { en: "Of a merchant (empty: the institution)", zh: "所属商户（留空为本机构）" },
  networks: { en: "From these networks alone (CIDR; empty: anywhere)", zh: "允许网段（CIDR；留空不限）" },
  nonces: { en: "Every request with a nonce of its own", zh: "每个请求须带一次性随机数" },
  public: { en: "Ed25519 public key (empty: a secret is made)", zh: "Ed25519 公钥（留空则生成密钥）" },
  needed: { en: "Please fill this in", zh: "请填写" },
  rotate: { en: "Rotate", zh: "轮换" },
  overlap: { en: "Hours for which the old key goes on", zh: "旧密钥继续有效的小时数" },
  narrow: { en: "Networks", zh: "网段" },
  revoke: { en: "Revoke", zh: "吊销" },
  sure: {
    en: "Programs that use this key are refused within a second. This cannot be undone.",
    zh: "使用该密钥的程序将在一秒内被拒绝，且不可恢复。",
  },
};

interface Made {
  onMade: (key: Key) => void;
}

export function NewKey({ onMade }: Made) {
  const t = useWords(words);
  const { staff } = useSession();
  const [open, setOpen] = useState(false);
  const { run, busy } = useAct(api.useMutation("post", "/v1/keys"));
  const options = staff.scopes.map((value) => ({ value, label: value }));
  const make = (form: Schemas["KeyForm"]) =>
    run({ body: { ...form, merchant: form.merchant || null, public_key: form.public_key || null } }, (key) => {
      setOpen(false);
      onMade(key);
    });
  return (
    <>
      <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen(true)}>
        {t.make}
      </Button>
      <Ask<Schemas["KeyForm"]>
        title={t.make}
        open={open}
        busy={busy}
        first={{ networks: [], nonces: true }}
        onClose={() => setOpen(false)}
        onGive={make}
      >
        <Form.Item name="label" label={t.label} rules={[{ required: true, message: t.needed }]}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="scopes" label={t.scopes} rules={[{ required: true, message: t.needed }]}>
          <Select mode="multiple" options={options} />
        </Form.Item>
        <Form.Item name="merchant" label={t.merchant}>
          <Input placeholder="mer_…" />
        </Form.Item>
        <Networks />
        <Form.Item name="public_key" label={t.public}>
          <Input />
        </Form.Item>
        <Form.Item name="nonces" label={t.nonces} valuePropName="checked">
          <Switch />
        </Form.Item>
      </Ask>
    </>
  );
}

function Networks() {
  const t = useWords(words);
  return (
    <Form.Item name="networks" label={t.networks}>
      <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[" ", ","]} placeholder="10.0.0.0/8" />
    </Form.Item>
  );
}

export function KeyActs({ held, onMade }: Made & { held: Key }) {
  const t = useWords(words);
  const { modal } = App.useApp();
  const [asked, setAsked] = useState<"rotate" | "narrow" | null>(null);
  const params = { path: { key: held.id } };
  const rotate = useAct(api.useMutation("post", "/v1/keys/{key}/rotate"));
  const narrow = useAct(api.useMutation("post", "/v1/keys/{key}/networks"));
  const revoke = useAct(api.useMutation("post", "/v1/keys/{key}/revoke"));
  const close = () => setAsked(null);
  const state = stateOf(held);
  if (state === "REVOKED" || state === "EXPIRED") return null;
  const end = () =>
    modal.confirm({
      title: `${t.revoke}: ${held.label}`,
      content: t.sure,
      okButtonProps: { danger: true },
      onOk: () => revoke.run({ params }),
    });
  return (
    <Flex gap={6}>
      {state === "GOOD" && (
        <Button size="small" onClick={() => setAsked("rotate")}>
          {t.rotate}
        </Button>
      )}
      <Button size="small" onClick={() => setAsked("narrow")}>
        {t.narrow}
      </Button>
      <Button size="small" danger loading={revoke.busy} onClick={() => void end()}>
        {t.revoke}
      </Button>
      <Ask<{ hours: number; public_key?: string }>
        title={`${t.rotate}: ${held.label}`}
        open={asked === "rotate"}
        busy={rotate.busy}
        first={{ hours: 24 }}
        onClose={close}
        onGive={({ hours, public_key }) =>
          rotate.run({ params, body: { overlap_s: Math.round(hours * 3_600), public_key: public_key || null } }, (key) => {
            close();
            onMade(key);
          })
        }
      >
        <Form.Item name="hours" label={t.overlap} rules={[{ required: true, message: t.needed }]}>
          <InputNumber min={0} max={720} />
        </Form.Item>
        {held.public_key && (
          <Form.Item name="public_key" label={t.public} rules={[{ required: true, message: t.needed }]}>
            <Input />
          </Form.Item>
        )}
      </Ask>
      <Ask<{ networks: string[] }>
        title={`${t.narrow}: ${held.label}`}
        open={asked === "narrow"}
        busy={narrow.busy}
        first={{ networks: held.networks }}
        onClose={close}
        onGive={(body) => narrow.run({ params, body }, close)}
      >
        <Networks />
      </Ask>
    </Flex>
  );
}
