// Accounts of the staff: invited by one administrator, let in by another.

import type { Schemas } from "@anfu/api";
import { MoreOutlined, PlusOutlined } from "@ant-design/icons";
import { App, Button, Dropdown, Flex, Form, Input, Select, Tag } from "antd";
import { useState } from "react";
import { api, client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useMay, useSession } from "../../app/session";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { Id } from "../../parts/Id";
import { type Column, ListTable } from "../../parts/ListTable";
import { Moment } from "../../parts/Moment";
import { Once } from "../../parts/Once";
import { PageHead } from "../../parts/PageHead";
import { StateTag } from "../../parts/StateTag";
import { ACCOUNT, ROLES } from "./names";

type Account = Schemas["StaffDocument"];
type Change = "ENABLE" | "ROLES" | "RESET" | "SUBJECT";

const words = {
  title: { en: "Staff", zh: "员工账户" },
  about: {
    en: "Whoever is invited waits until another administrator has let the account in.",
    zh: "受邀账户须由另一名管理员批准后方可使用。",
  },
  invite: { en: "Invite", zh: "邀请" },
  name: { en: "Name", zh: "姓名" },
  login: { en: "User name", zh: "用户名" },
  roles: { en: "Roles", zh: "角色" },
  state: { en: "State", zh: "状态" },
  since: { en: "Since", zh: "创建时间" },
  account: { en: "Account", zh: "账户编号" },
  more: { en: "What can be done with this account", zh: "账户操作" },
  link: { en: "One-time link for the account", zh: "账户一次性设置链接" },
  again: { en: "Make a new link", zh: "重新生成链接" },
  disable: { en: "Disable at once", zh: "立即停用" },
  disableAsk: {
    en: "The account, its sessions and its keys end at once. Enabling it again takes two people.",
    zh: "该账户及其会话、密钥立即失效；重新启用需两人批准。",
  },
  ENABLE: { en: "Propose to enable", zh: "提议启用" },
  ROLES: { en: "Propose other roles", zh: "提议调整角色" },
  RESET: { en: "Propose to set it up anew", zh: "提议重置登录凭证" },
  SUBJECT: { en: "Propose its name at the identity provider", zh: "提议关联单点登录身份" },
  subject: { en: "Name at the identity provider (sub)", zh: "身份提供方标识 (sub)" },
  proposed: { en: "Proposed: another administrator decides", zh: "已提议，待另一名管理员决定" },
  needed: { en: "Please fill this in", zh: "请填写" },
};

export default function Staff() {
  const t = useWords(words);
  const { language } = usePreferences();
  const may = useMay();
  const [link, setLink] = useState<string | null>(null);
  const show = ({ invitation }: Account) =>
    setLink(invitation ? `${location.origin}/console/enlist#${invitation}` : null);
  const columns: Column<Account>[] = [
    { key: "name", title: t.name, render: ({ name }) => name },
    { key: "login", title: t.login, render: ({ login }) => login },
    {
      key: "roles",
      title: t.roles,
      text: ({ roles }) => roles.join(" "),
      render: ({ roles }) => (
        <Flex wrap gap={4}>
          {roles.map((role) => (
            <Tag key={role}>{ROLES[role]?.[language] ?? role}</Tag>
          ))}
        </Flex>
      ),
    },
    {
      key: "state",
      title: t.state,
      text: ({ state }) => state,
      render: ({ state }) => <StateTag state={state} states={ACCOUNT} />,
    },
    {
      key: "since",
      title: t.since,
      text: ({ created_at }) => created_at,
      render: ({ created_at }) => <Moment at={created_at} />,
    },
    { key: "id", title: t.account, text: ({ id }) => id, render: ({ id }) => <Id id={id} /> },
    {
      key: "act",
      title: "",
      text: () => null,
      render: (account) => may("staff:write") && <Acts account={account} onLink={show} />,
    },
  ];
  return (
    <>
      <PageHead
        title={t.title}
        about={t.about}
        actions={may("staff:write") && <Invite onLink={show} />}
      />
      <ListTable
        name={["/v1/staff"]}
        read={(query) => got(client.GET("/v1/staff", { params: { query } }))}
        columns={columns}
        file="staff"
      />
      <Once title={t.link} secret={link} onClose={() => setLink(null)} />
    </>
  );
}

function RolesField() {
  const t = useWords(words);
  const { language } = usePreferences();
  return (
    <Form.Item name="roles" label={t.roles} rules={[{ required: true, message: t.needed }]}>
      <Select
        mode="multiple"
        options={Object.entries(ROLES)
          .filter(([role]) => role !== "emergency")
          .map(([value, label]) => ({ value, label: label[language] }))}
      />
    </Form.Item>
  );
}

function Invite({ onLink }: { onLink: (account: Account) => void }) {
  const t = useWords(words);
  const [open, setOpen] = useState(false);
  const { run, busy } = useAct(api.useMutation("post", "/v1/staff"));
  const close = () => setOpen(false);
  return (
    <>
      <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen(true)}>
        {t.invite}
      </Button>
      <Ask<Schemas["StaffForm"]>
        title={t.invite}
        open={open}
        busy={busy}
        onClose={close}
        onGive={(body) =>
          run({ body }, (account) => {
            close();
            onLink(account);
          })
        }
      >
        <Form.Item name="name" label={t.name} rules={[{ required: true, message: t.needed }]}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="login" label={t.login} rules={[{ required: true, message: t.needed }]}>
          <Input maxLength={64} autoComplete="off" />
        </Form.Item>
        <RolesField />
      </Ask>
    </>
  );
}

function Acts({ account, onLink }: { account: Account; onLink: (account: Account) => void }) {
  const t = useWords(words);
  const me = useSession().staff.id;
  const { modal } = App.useApp();
  const [wanted, setWanted] = useState<Change | null>(null);
  const path = { staff: account.id };
  const again = useAct(api.useMutation("post", "/v1/staff/{staff}/invitation"));
  const disable = useAct(api.useMutation("post", "/v1/staff/{staff}/disable"));
  const change = useAct(api.useMutation("post", "/v1/staff/{staff}/changes"), t.proposed);
  const changes: Change[] =
    account.state === "ACTIVE" ? ["ROLES", "RESET", "SUBJECT"] : account.state === "DISABLED" ? ["ENABLE"] : [];
  const propose = (name: Change, more: object = {}) =>
    change.run({ params: { path }, body: { change: name, roles: [], ...more } }, () => setWanted(null));
  const items = [
    ...(account.state === "INVITED" ? [{ key: "again", label: t.again }] : []),
    ...changes.map((key) => ({ key, label: t[key] })),
    ...(account.state === "DISABLED" || account.id === me
      ? []
      : [{ key: "disable", label: t.disable, danger: true }]),
  ];
  const chosen = (key: string) => {
    if (key === "again") again.run({ params: { path } }, onLink);
    else if (key === "disable")
      void modal.confirm({
        title: `${t.disable}: ${account.name}`,
        content: t.disableAsk,
        okButtonProps: { danger: true },
        onOk: () => disable.run({ params: { path } }),
      });
    else if (key === "ROLES" || key === "SUBJECT") setWanted(key);
    else propose(key as Change);
  };
  if (items.length === 0) return null;
  return (
    <>
      <Dropdown trigger={["click"]} menu={{ items, onClick: ({ key }) => chosen(key) }}>
        <Button type="text" icon={<MoreOutlined />} aria-label={`${t.more}: ${account.name}`} />
      </Dropdown>
      <Ask<{ roles?: string[]; subject?: string }>
        title={`${t[wanted ?? "ROLES"]}: ${account.name}`}
        open={wanted !== null}
        busy={change.busy}
        first={{ roles: account.roles, subject: account.subject ?? undefined }}
        onClose={() => setWanted(null)}
        onGive={(given) => wanted !== null && propose(wanted, given)}
      >
        {wanted === "ROLES" ? (
          <RolesField />
        ) : (
          <Form.Item name="subject" label={t.subject} rules={[{ required: true, message: t.needed }]}>
            <Input maxLength={255} />
          </Form.Item>
        )}
      </Ask>
    </>
  );
}
