// One payment: how it stands, what can be done, and everything that happened to it.

import { Card, Flex, Skeleton } from "antd";
import { useParams } from "react-router";
import { api } from "../../app/client";
import { useWords } from "../../app/words";
import { Money } from "../../parts/Money";
import { PageHead } from "../../parts/PageHead";
import { ProblemView } from "../../parts/ProblemView";
import { StateTag } from "../../parts/StateTag";
import { PaymentActs } from "./PaymentActs";
import "./payments.css";
import { Story } from "./Story";
import { Summary } from "./Summary";

const words = { title: { en: "Payment", zh: "支付" }, summary: { en: "How it stands", zh: "当前状态" } };

export default function Payment() {
  const t = useWords(words);
  const { payment = "" } = useParams();
  const { data, error, refetch } = api.useQuery("get", "/v1/payments/{payment}", { params: { path: { payment } } });
  if (error !== null) return <ProblemView problem={error} again={() => void refetch()} />;
  if (data === undefined) return <Skeleton active />;
  return (
    <>
      <PageHead
        title={`${t.title} ${data.order ?? data.id.slice(-7)}`}
        about={
          <Flex wrap gap={10} align="center" style={{ marginTop: 6 }}>
            <StateTag state={data.state} />
            <strong className="sum">
              <Money minor={data.amount} currency={data.currency} />
            </strong>
          </Flex>
        }
        actions={<PaymentActs payment={data} />}
      />
      <div className="payment">
        <Card size="small" title={t.summary}>
          <Summary payment={data} />
        </Card>
        <Story payment={data} />
      </div>
    </>
  );
}
