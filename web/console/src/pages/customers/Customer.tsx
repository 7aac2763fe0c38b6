// One customer: who it is, masked, and everything that belongs to it, each part for whoever may read it.

import { Flex, Tag } from "antd";
import type { ReactNode } from "react";
import { useParams } from "react-router";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useReason } from "../../app/reason";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { Id } from "../../parts/Id";
import { PageHead } from "../../parts/PageHead";
import { Parts } from "../../parts/Parts";
import { ProblemView } from "../../parts/ProblemView";
import { StateTag } from "../../parts/StateTag";
import { Accounts } from "./Accounts";
import { Consents } from "./Consents";
import { CustomerActs } from "./CustomerActs";
import { Devices } from "./Devices";
import { Factors } from "./Factors";
import { Limits } from "./Limits";
import { Mandates } from "./Mandates";
import { CLASSES, PARTY } from "./names";
import { Onboarding } from "./Onboarding";
import { Payments } from "./Payments";
import { Profile } from "./Profile";
import { Reads } from "./Reads";
import { StopOrders } from "./StopOrders";

const words = {
  payments: { en: "Payments and decisions", zh: "支付与决策" },
  limits: { en: "Limits", zh: "限额" },
  money: { en: "Accounts", zh: "账户与余额" },
  means: { en: "Factors, mandates, devices", zh: "验证要素、授权与设备" },
  identity: { en: "Identity and consent", zh: "身份核验与同意" },
  stops: { en: "Stop orders", zh: "止付指令" },
  reads: { en: "Who looked", zh: "查看记录" },
  part: { en: "What to show", zh: "显示内容" },
};

export default function Customer() {
  const customer = useParams().customer ?? "";
  const { language } = usePreferences();
  const reason = useReason();
  const { data, error } = api.useQuery(
    "get",
    "/v1/customers/{customer}",
    { params: { path: { customer } } },
    { enabled: reason !== null },
  );
  if (error !== null) return <ProblemView problem={error} />;
  if (data === undefined) return null;
  return (
    <>
      <PageHead
        title={data.name}
        about={
          <Flex wrap gap={8} align="center">
            <Id id={data.id} whole />
            <StateTag state={data.status} states={PARTY} />
            <Tag>{CLASSES[data.account_class]?.[language]}</Tag>
          </Flex>
        }
        actions={<CustomerActs customer={data.id} />}
      />
      <Profile customer={data} />
      <Everything customer={data.id} />
    </>
  );
}

type Part = keyof typeof words;

function Everything({ customer }: { customer: string }) {
  const t = useWords(words);
  const may = useMay();
  const parts: [Part, boolean, ReactNode][] = [
    ["limits", true, <Limits key="l" customer={customer} />],
    ["payments", may("payments:read"), <Payments key="p" customer={customer} />],
    ["money", may("balances:read"), <Accounts key="a" owner={customer} />],
    [
      "means",
      may("factors:read") || may("mandates:read") || may("devices:read"),
      <div key="m">
        {may("factors:read") && <Factors customer={customer} />}
        {may("mandates:read") && <Mandates customer={customer} />}
        {may("devices:read") && <Devices payer={customer} />}
      </div>,
    ],
    [
      "identity",
      true,
      <div key="i">
        <Onboarding customer={customer} />
        <Consents customer={customer} />
      </div>,
    ],
    ["stops", true, <StopOrders key="s" customer={customer} />],
    ["reads", true, <Reads key="r" customer={customer} />],
  ];
  const shown = parts.filter(([, allowed]) => allowed);
  return <Parts label={t.part} items={shown.map(([key, , children]) => ({ key, label: t[key], children }))} />;
}
