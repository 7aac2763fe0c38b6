// Who is signed in; language, time zone, colours; signing out.

import { UserOutlined } from "@ant-design/icons";
import { Button, Dropdown, Flex, Segmented, Select, Typography } from "antd";
import { api, queries, SESSION } from "./client";
import { type Language, type Theme, usePreferences } from "./preferences";
import { useSession } from "./session";
import { useWords } from "./words";

const words = {
  language: { en: "Language", zh: "语言" },
  zone: { en: "Time zone", zh: "时区" },
  colours: { en: "Colours", zh: "外观" },
  system: { en: "System", zh: "跟随系统" },
  light: { en: "Light", zh: "浅色" },
  dark: { en: "Dark", zh: "深色" },
  out: { en: "Sign out", zh: "退出登录" },
  menu: { en: "Account and preferences", zh: "账户与偏好" },
};
const ZONES = Intl.supportedValuesOf("timeZone").map((zone) => ({ value: zone, label: zone }));

export function Person() {
  const t = useWords(words);
  const { staff } = useSession();
  return (
    <Dropdown trigger={["click"]} placement="bottomRight" popupRender={() => <Panel />}>
      <Button type="text" icon={<UserOutlined />} aria-label={`${staff.name} · ${t.menu}`}>
        <Typography.Text ellipsis style={{ maxWidth: 120 }}>
          {staff.name}
        </Typography.Text>
      </Button>
    </Dropdown>
  );
}

function Panel() {
  const t = useWords(words);
  const { staff } = useSession();
  const { language, zone, theme, choose } = usePreferences();
  const out = api.useMutation("post", "/v1/session/end", {
    onSettled: () => queries.resetQueries({ queryKey: SESSION }),
  });
  const themes: { value: Theme; label: string }[] = [
    { value: "system", label: t.system },
    { value: "light", label: t.light },
    { value: "dark", label: t.dark },
  ];
  const languages: { value: Language; label: string }[] = [
    { value: "zh", label: "中文" },
    { value: "en", label: "English" },
  ];
  return (
    <Flex vertical gap={12} className="ant-dropdown-menu" style={{ padding: 16, width: 300 }}>
      <Typography.Text strong>{staff.name}</Typography.Text>
      <Typography.Text type="secondary">
        {staff.login} · {staff.roles.join(", ")}
      </Typography.Text>
      <Row label={t.language}>
        <Segmented options={languages} value={language} onChange={(chosen) => choose({ language: chosen })} />
      </Row>
      <Row label={t.colours}>
        <Segmented options={themes} value={theme} onChange={(chosen) => choose({ theme: chosen })} />
      </Row>
      <Row label={t.zone}>
        <Select
          showSearch
          aria-label={t.zone}
          options={ZONES}
          value={zone}
          onChange={(chosen) => choose({ zone: chosen })}
          style={{ width: "100%" }}
        />
      </Row>
      <Button danger loading={out.isPending} onClick={() => out.mutate({})}>
        {t.out}
      </Button>
    </Flex>
  );
}

function Row({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <Typography.Text type="secondary" style={{ display: "block", marginBottom: 4 }}>
        {label}
      </Typography.Text>
      {children}
    </div>
  );
}
