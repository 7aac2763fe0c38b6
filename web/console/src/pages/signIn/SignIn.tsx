// Signing in: password and, always, a passkey or a code.

import { Problem } from "@anfu/api";
import { KeyOutlined, MobileOutlined } from "@ant-design/icons";
import { startAuthentication } from "@simplewebauthn/browser";
import { Button, Flex, Form, Input, Segmented } from "antd";
import { useState } from "react";
import { client, queries, SESSION } from "../../app/client";
import { useWords } from "../../app/words";
import { ProblemView } from "../../parts/ProblemView";
import { Frame } from "./Frame";

const words = {
  title: { en: "Sign in", zh: "登录" },
  login: { en: "User name", zh: "用户名" },
  password: { en: "Password", zh: "密码" },
  code: { en: "Six-digit code of your app", zh: "验证器六位动态码" },
  passkey: { en: "Passkey", zh: "通行密钥" },
  app: { en: "Code", zh: "动态码" },
  with: { en: "Second factor", zh: "第二因素" },
  go: { en: "Sign in", zh: "登录" },
  goPasskey: { en: "Sign in with passkey", zh: "使用通行密钥登录" },
  needed: { en: "Please fill this in", zh: "请填写" },
  six: { en: "Six digits", zh: "请输入六位数字" },
  away: { en: "The passkey was not used. Try again, or take the code.", zh: "未使用通行密钥。请重试，或改用动态码。" },
};

interface Given {
  login: string;
  password: string;
  code?: string;
}

export default function SignIn() {
  const t = useWords(words);
  const [way, setWay] = useState<"passkey" | "code">("passkey");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [away, setAway] = useState(false);
  const [busy, setBusy] = useState(false);
  const enter = async (given: Given) => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    setAway(false);
    try {
      await signIn(given, way);
    } catch (error) {
      if (error instanceof Problem) setProblem(error);
      else setAway(true);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Frame title={t.title}>
      {problem !== null && <ProblemView problem={problem} />}
      {away && <p role="alert">{t.away}</p>}
      <Form<Given> layout="vertical" requiredMark={false} onFinish={(given) => void enter(given)}>
        <Form.Item name="login" label={t.login} rules={[{ required: true, message: t.needed }]}>
          <Input autoFocus autoComplete="username" size="large" />
        </Form.Item>
        <Form.Item name="password" label={t.password} rules={[{ required: true, message: t.needed }]}>
          <Input.Password autoComplete="current-password" size="large" />
        </Form.Item>
        <Form.Item label={t.with}>
          <Segmented
            block
            value={way}
            onChange={setWay}
            options={[
              { value: "passkey", label: t.passkey, icon: <KeyOutlined /> },
              { value: "code", label: t.app, icon: <MobileOutlined /> },
            ]}
          />
        </Form.Item>
        {way === "code" && (
          <Form.Item name="code" label={t.code} rules={[{ required: true, pattern: /^\d{6}$/, message: t.six }]}>
            <Input inputMode="numeric" autoComplete="one-time-code" maxLength={6} size="large" />
          </Form.Item>
        )}
        <Flex vertical>
          <Button type="primary" size="large" htmlType="submit" loading={busy}>
            {way === "passkey" ? t.goPasskey : t.go}
          </Button>
        </Flex>
      </Form>
    </Frame>
  );
}

async function signIn({ login, password, code }: Given, way: "passkey" | "code"): Promise<void> {
  const begun = await client.POST("/v1/sign_in/begin", {});
  if (begun.data === undefined) return;
  const { ticket, passkey } = begun.data;
  const assertion =
    way === "passkey"
      ? await startAuthentication({ optionsJSON: passkey as never })
      : null;
  const body = { ticket, login, password, code: way === "code" ? code : null, assertion } as never;
  await client.POST("/v1/sign_in", { body });
  await queries.resetQueries({ queryKey: SESSION });
}
