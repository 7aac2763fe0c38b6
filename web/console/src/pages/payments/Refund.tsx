// One refund: how it stands; its story is told with its payment.

import { Alert, Button, Card, Descriptions, Flex, Skeleton } from "antd";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useMay } from "../../app/session";
import { useSay, useWords } from "../../app/words";
import { methodName } from "../../parts/called";
import { Id } from "../../parts/Id";
import { Money } from "../../parts/Money";
import { Moment } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";
import { ProblemView } from "../../parts/ProblemView";
import { StateTag } from "../../parts/StateTag";
import { REFUND } from "./names";
import "./payments.css";
import { Proof } from "./Proof";

const words = {
  title: { en: "Refund", zh: "退款" },
  id: { en: "Number", zh: "退款编号" },
  payment: { en: "Payment", zh: "支付编号" },
  payer: { en: "Goes to", zh: "退款至" },
  payee: { en: "Merchant", zh: "商户" },
  method: { en: "Method", zh: "退款方式" },
  reason: { en: "Reason", zh: "退款原因" },
  failure: { en: "Failure", zh: "失败代码" },
  reference: { en: "Number at the channel", zh: "渠道侧单号" },
  made: { en: "Made", zh: "创建时间" },
  updated: { en: "Last change", zh: "最近变更" },
  story: { en: "Everything that happened", zh: "查看全过程" },
  verify: { en: "Verify this proof", zh: "验证存证" },
};

export default function Refund() {
  const t = useWords(words);
  const { language } = usePreferences();
  const say = useSay();
  const may = useMay();
  const { refund = "" } = useParams();
  const [proving, setProving] = useState(false);
  const { data, error, refetch } = api.useQuery("get", "/v1/refunds/{refund}", { params: { path: { refund } } });
  if (error !== null) return <ProblemView problem={error} again={() => void refetch()} />;
  if (data === undefined) return <Skeleton active />;
  const rows: [keyof typeof words, React.ReactNode][] = [
    ["id", <Id id={data.id} />],
    ["payment", <Id id={data.payment} />],
    ["payer", <Id id={data.payer} />],
    ["payee", <Id id={data.payee} />],
    ["method", methodName(data.method, language)],
    ["reason", data.reason],
    ["failure", data.failure],
    ["reference", data.channel_reference],
    ["made", <Moment at={data.created_at} />],
    ["updated", <Moment at={data.updated_at} />],
  ];
  return (
    <>
      <PageHead
        title={`${t.title} ${data.id.slice(-7)}`}
        about={
          <Flex wrap gap={10} align="center" style={{ marginTop: 6 }}>
            <StateTag state={data.state} states={REFUND} />
            <strong className="sum">
              <Money minor={data.amount} currency={data.currency} />
            </strong>
          </Flex>
        }
        actions={may("evidence:read") && <Button onClick={() => setProving(true)}>{t.verify}</Button>}
      />
      <Card size="small" style={{ maxWidth: 720 }}>
        {data.remedy && (
          <Alert
            type="warning"
            showIcon
            title={say(data.remedy.what.en, data.remedy.what.zh)}
            description={say(data.remedy.next.en, data.remedy.next.zh)}
            style={{ marginBottom: 12 }}
          />
        )}
        <Descriptions
          size="small"
          column={1}
          items={rows.filter(([, value]) => value).map(([name, value]) => ({ key: name, label: t[name], children: value }))}
        />
        <Link to={`/payments/${data.payment}`}>{t.story}</Link>
      </Card>
      {proving && <Proof subject={data.id} onClose={() => setProving(false)} />}
    </>
  );
}
