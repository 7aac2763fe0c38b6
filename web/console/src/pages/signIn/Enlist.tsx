// Setting an account up from its one-time link: a password, and a passkey or an app.

import { Problem, type Schemas } from "@anfu/api";
import { startRegistration } from "@simplewebauthn/browser";
import { Alert, Button, Flex, Form, Input, QRCode, Result, Segmented, Spin, Typography } from "antd";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { client } from "../../app/client";
import { useWords } from "../../app/words";
import { ProblemView } from "../../parts/ProblemView";
import { Frame } from "./Frame";

const words = {
  title: { en: "Set your account up", zh: "设置您的账户" },
  password: { en: "New password, twelve characters or more", zh: "新密码，至少十二个字符" },
  again: { en: "The password once more", zh: "再次输入密码" },
  differs: { en: "The two are not the same", zh: "两次输入不一致" },
  short: { en: "Twelve characters or more", zh: "至少十二个字符" },
  factor: { en: "Second factor", zh: "第二因素" },
  passkey: { en: "Passkey", zh: "通行密钥" },
  app: { en: "App with codes", zh: "动态码验证器" },
  scan: { en: "Scan with your app, then type the code it shows", zh: "用验证器扫描，再输入其显示的动态码" },
  code: { en: "Six-digit code", zh: "六位动态码" },
  go: { en: "Set up", zh: "完成设置" },
  done: { en: "Your account is set up", zh: "账户已设置" },
  waiting: {
    en: "Another administrator has to let it in before you can sign in.",
    zh: "需由另一名管理员批准后方可登录。",
  },
  sign: { en: "Sign in", zh: "前往登录" },
  away: { en: "The passkey was not made. Try again, or take the app.", zh: "未创建通行密钥。请重试，或改用验证器。" },
};

interface Given {
  password: string;
  again: string;
  code?: string;
}

export default function Enlist() {
  const t = useWords(words);
  const [invitation] = useState(() => decodeURIComponent(location.hash.slice(1)));
  const [begun, setBegun] = useState<Schemas["EnlistmentDocument"] | null>(null);
  const [staff, setStaff] = useState<Schemas["StaffDocument"] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    client
      .POST("/v1/enlistment/begin", { body: { invitation } })
      .then(({ data }) => setBegun(data ?? null))
      .catch((error) => setProblem(error as Problem));
  }, [invitation]);
  return (
    <Frame title={t.title}>
      {problem !== null && <ProblemView problem={problem} />}
      {staff !== null ? (
        <Done state={staff.state} />
      ) : begun !== null ? (
        <Setup begun={begun} invitation={invitation} onDone={setStaff} onProblem={setProblem} />
      ) : (
        problem === null && <Spin />
      )}
    </Frame>
  );
}

interface FormProps {
  begun: Schemas["EnlistmentDocument"];
  invitation: string;
  onDone: (staff: Schemas["StaffDocument"]) => void;
  onProblem: (problem: Problem | null) => void;
}

function Setup({ begun, invitation, onDone, onProblem }: FormProps) {
  const t = useWords(words);
  const [way, setWay] = useState<"passkey" | "app">("passkey");
  const [busy, setBusy] = useState(false);
  const [away, setAway] = useState(false);
  const finish = async ({ password, code }: Given) => {
    setBusy(true);
    setAway(false);
    onProblem(null);
    try {
      const attestation =
        way === "passkey" ? await startRegistration({ optionsJSON: begun.passkey as never }) : null;
      const body = { invitation, password, code: way === "app" ? code : null, attestation } as never;
      const { data } = await client.POST("/v1/enlistment", { body });
      if (data !== undefined) onDone(data);
    } catch (error) {
      if (error instanceof Problem) onProblem(error);
      else setAway(true);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form<Given> layout="vertical" requiredMark={false} onFinish={(given) => void finish(given)}>
      <Typography.Paragraph>
        <strong>{begun.name}</strong> · {begun.login} · {begun.roles.join(", ")}
      </Typography.Paragraph>
      <input type="text" autoComplete="username" defaultValue={begun.login} hidden />
      <Form.Item name="password" label={t.password} rules={[{ required: true, min: 12, message: t.short }]}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="again"
        label={t.again}
        dependencies={["password"]}
        rules={[
          ({ getFieldValue }) => ({
            validator: (_, value) =>
              value === getFieldValue("password") ? Promise.resolve() : Promise.reject(new Error(t.differs)),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item label={t.factor}>
        <Segmented
          block
          value={way}
          onChange={setWay}
          options={[
            { value: "passkey", label: t.passkey },
            { value: "app", label: t.app },
          ]}
        />
      </Form.Item>
      {way === "app" && (
        <>
          <Flex vertical align="center" gap={8}>
            <QRCode value={begun.totp} bordered={false} bgColor="#fff" color="#000" />
            <Typography.Text type="secondary">{t.scan}</Typography.Text>
          </Flex>
          <Form.Item name="code" label={t.code} rules={[{ required: true, pattern: /^\d{6}$/, message: t.code }]}>
            <Input inputMode="numeric" autoComplete="one-time-code" maxLength={6} />
          </Form.Item>
        </>
      )}
      {away && <Alert type="warning" showIcon title={t.away} style={{ marginBottom: 12 }} />}
      <Button block type="primary" htmlType="submit" loading={busy}>
        {t.go}
      </Button>
    </Form>
  );
}

function Done({ state }: { state: string }) {
  const t = useWords(words);
  const go = useNavigate();
  return (
    <Result
      status="success"
      title={t.done}
      subTitle={state === "WAITING" ? t.waiting : undefined}
      extra={
        <Button type="primary" onClick={() => void go("/")}>
          {t.sign}
        </Button>
      }
    />
  );
}
