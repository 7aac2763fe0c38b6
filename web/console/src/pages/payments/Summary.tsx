// How a payment stands, in a few lines.

import type { Schemas } from "@anfu/api";
import { Alert, Descriptions } from "antd";
import { usePreferences } from "../../app/preferences";
import { useSay, useWords } from "../../app/words";
import { methodName } from "../../parts/called";
import { Id } from "../../parts/Id";
import { Money } from "../../parts/Money";
import { Moment } from "../../parts/Moment";
import { FACTORS } from "../customers/names";
import { SCENE } from "./names";

const words = {
  id: { en: "Number", zh: "支付编号" },
  order: { en: "Merchant's order", zh: "商户订单号" },
  what: { en: "For", zh: "商品" },
  payer: { en: "Payer", zh: "付款方" },
  payee: { en: "Payee", zh: "收款方" },
  refunded: { en: "Refunded", zh: "已退金额" },
  method: { en: "Method", zh: "支付方式" },
  scene: { en: "Scene", zh: "收款场景" },
  channel: { en: "Channel", zh: "渠道" },
  reference: { en: "Number there", zh: "渠道侧单号" },
  factors: { en: "Factors", zh: "验证要素" },
  mandate: { en: "Mandate", zh: "免密支付协议" },
  made: { en: "Made", zh: "创建时间" },
  updated: { en: "Last change", zh: "最近变更" },
};

export function Summary({ payment }: { payment: Schemas["PaymentDocument"] }) {
  const t = useWords(words);
  const say = useSay();
  const { language } = usePreferences();
  const { method, remedy } = payment;
  const rows: [keyof typeof words, React.ReactNode][] = [
    ["id", <Id id={payment.id} />],
    ["order", payment.order],
    ["what", payment.description],
    ["payer", <Id id={payment.payer} />],
    ["payee", <Id id={payment.payee} />],
    ["refunded", payment.refunded > 0 && <Money minor={payment.refunded} currency={payment.currency} />],
    ["method", [methodName(method.type, language), method.card].filter(Boolean).join(" · ")],
    ["scene", method.scene && SCENE[method.scene][language]],
    ["channel", payment.channel && methodName(payment.channel, language)],
    ["reference", payment.channel_reference && <span className="mono">{payment.channel_reference}</span>],
    ["factors", payment.factors.map((kind) => FACTORS[kind]?.[language] ?? kind).join(", ")],
    ["mandate", payment.mandate && <Id id={payment.mandate} />],
    ["made", <Moment at={payment.created_at} />],
    ["updated", <Moment at={payment.updated_at} />],
  ];
  const shown = rows.filter(([, value]) => value);
  return (
    <>
      {remedy && (
        <Alert
          type="warning"
          showIcon
          title={say(remedy.what.en, remedy.what.zh)}
          description={say(remedy.next.en, remedy.next.zh)}
          style={{ marginBottom: 12 }}
        />
      )}
      <Descriptions
        size="small"
        column={1}
        items={shown.map(([name, value]) => ({ key: name, label: t[name], children: value }))}
      />
    </>
  );
}
