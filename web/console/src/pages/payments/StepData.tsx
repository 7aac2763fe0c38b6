// What one step of a story says beside its title.

import type { Schemas } from "@anfu/api";
import { SafetyCertificateOutlined } from "@ant-design/icons";
import { Button, Flex, Tag, Typography } from "antd";
import { useSay, useWords } from "../../app/words";
import { Id } from "../../parts/Id";
import { Money } from "../../parts/Money";
import { Moment } from "../../parts/Moment";
import { StateTag } from "../../parts/StateTag";
import { ACT, VERDICT } from "../cases/names";
import { Decided, type DecidedData } from "./Decided";
import { ANY } from "./names";
import { Limits, type LimitsData } from "./Limits";

const words = {
  verify: { en: "Verify this proof", zh: "验证存证" },
  unsealed: { en: "Under a checkpoint in a few seconds", zh: "数秒后纳入检查点" },
  number: { en: "Number", zh: "序号" },
  payer: { en: "Payer", zh: "付款方" },
  payee: { en: "Payee", zh: "收款方" },
  amount: { en: "Amount", zh: "金额" },
  refunded: { en: "Refunded", zh: "已退金额" },
  method: { en: "Method", zh: "支付方式" },
  scene: { en: "Scene", zh: "收款场景" },
  mandate: { en: "Mandate", zh: "免密支付协议" },
  factors: { en: "Factors", zh: "验证要素" },
  state: { en: "State", zh: "状态" },
  reason: { en: "Reason", zh: "原因" },
  case: { en: "Case", zh: "案件" },
  act: { en: "Act", zh: "操作" },
  by: { en: "By", zh: "操作人" },
  verdict: { en: "Verdict", zh: "处置结论" },
  ways: { en: "Ways offered", zh: "验证路径" },
  codes_sent: { en: "Codes sent", zh: "已发验证码" },
  expires_at: { en: "Until", zh: "有效至" },
  proven: { en: "Proven", zh: "已验证" },
  attempts_left: { en: "Tries left", zh: "剩余次数" },
  channel: { en: "Channel", zh: "渠道" },
  reference: { en: "Number there", zh: "渠道侧单号" },
  attempt: { en: "Attempt", zh: "尝试" },
  debit: { en: "Debit", zh: "借" },
  credit: { en: "Credit", zh: "贷" },
  posted: { en: "Captured", zh: "已入账" },
  refund: { en: "Refund", zh: "退款" },
  stray: { en: "Stray", zh: "迟到成功款" },
  failure: { en: "Failure", zh: "失败代码" },
  event: { en: "Event", zh: "事件" },
  kind: { en: "Kind", zh: "类型" },
  endpoint: { en: "Endpoint", zh: "接收端" },
  attempts: { en: "Attempts", zh: "尝试次数" },
  answered: { en: "Answered", zh: "应答" },
  task: { en: "Task", zh: "待办" },
  subject: { en: "About", zh: "对象" },
};

type Name = keyof typeof words;
type Data = Record<string, unknown>;

interface StepProps {
  step: Schemas["StoryDocument"]["steps"][number];
  payment: Schemas["PaymentDocument"];
  onProve: (subject: string) => void;
}

export function StepData({ step, payment, onProve }: StepProps) {
  const t = useWords(words);
  const data = step.part === "case" ? ofCase(step.data) : (step.data as Data);
  // What each kind of step holds the API writes down in prose only.
  if (step.kind === "decided") return <Decided data={data as unknown as DecidedData} />;
  if (step.kind === "limits") return <Limits data={data as unknown as LimitsData} currency={payment.currency} />;
  if (step.kind === "leaf")
    return (
      <Flex wrap gap={8} align="center">
        <Id id={String(data.subject)} />
        <Typography.Text type="secondary">
          {t.number} {String(data.index)}
        </Typography.Text>
        <Button size="small" icon={<SafetyCertificateOutlined />} disabled={data.sealed !== true} onClick={() => onProve(String(data.subject))}>
          {data.sealed === true ? t.verify : t.unsealed}
        </Button>
      </Flex>
    );
  const shown = Object.entries(data).filter(([name, value]) => name in words && said(value));
  const currency = typeof data.currency === "string" ? data.currency : payment.currency;
  return (
    <dl className="step-data">
      {shown.map(([name, value]) => (
        <div key={name}>
          <dt>{t[name as Name] as string}</dt>
          <dd>
            <Value name={name} value={value} currency={currency} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

// What was said of the case; the rest of the detail is of use there only.
function ofCase({ case: id, act, by, detail }: Data): Data {
  const { verdict, reason } = (detail ?? {}) as Data;
  return { case: id, act, by, verdict, reason };
}

function said(value: unknown): boolean {
  if (value === null || value === undefined || value === "" || value === 0) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

const MONEY = new Set(["amount", "refunded", "posted"]);
const ID = /^[a-z]{3,4}_[0-9a-z]{26}$/;

function Value({ name, value, currency }: { name: string; value: unknown; currency: string }) {
  const say = useSay();
  if (typeof value === "number" && MONEY.has(name)) return <Money minor={value} currency={currency} />;
  if (name === "state") return <StateTag state={String(value)} states={ANY} />;
  if (name === "verdict") return <StateTag state={String(value)} states={VERDICT} />;
  if (name === "act") return <span>{say(ACT[String(value)]?.en, ACT[String(value)]?.zh) || String(value)}</span>;
  if (name === "expires_at") return <Moment at={String(value)} />;
  if (typeof value === "string") return ID.test(value) ? <Id id={value} /> : <span>{value}</span>;
  if (Array.isArray(value))
    return value.map((one) => <Tag key={String(one)}>{Array.isArray(one) ? one.join(" + ") : String(one)}</Tag>);
  if (typeof value === "object" && value !== null) {
    const { code, en, zh, ...rest } = value as Record<string, string>;
    if (code !== undefined)
      return (
        <span>
          {say(en, zh)} <code>{code}</code>
        </span>
      );
    return <span className="mono">{Object.entries(rest).map(([key, one]) => `${key}: ${String(one)}`).join(" · ")}</span>;
  }
  return <span>{String(value)}</span>;
}
