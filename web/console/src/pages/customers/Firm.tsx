// One firm: what the register says, who acts for it, who owns it in the end, and what it still lacks.

import type { Schemas } from "@anfu/api";
import { Alert, Card, Descriptions, Flex } from "antd";
import { useParams } from "react-router";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useReason } from "../../app/reason";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { Id } from "../../parts/Id";
import { Moment } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";
import { ProblemView } from "../../parts/ProblemView";
import { StateTag } from "../../parts/StateTag";
import { Accounts } from "./Accounts";
import { Limits } from "./Limits";
import { LACKS, PARTY } from "./names";
import { Ownerships } from "./Ownerships";
import { Payments } from "./Payments";
import { StopOrders } from "./StopOrders";
import { Verifications } from "./Verifications";

type Found = Schemas["FirmDocument"];

const words = {
  missing: { en: "The account opens when there is:", zh: "开户尚缺：" },
  code: { en: "Credit code", zh: "统一社会信用代码" },
  address: { en: "Address", zh: "住所" },
  scope: { en: "Scope of business", zh: "经营范围" },
  licence: { en: "Licence good until", zh: "营业执照有效期至" },
  endless: { en: "without end", zh: "长期" },
  until: { en: "Pays until", zh: "可付款至" },
  representative: { en: "Legal representative", zh: "法定代表人" },
  agent: { en: "Agent", zh: "代理人" },
  since: { en: "Applied", zh: "申请时间" },
  channels: { en: "Verification by outside channels", zh: "外部渠道核验" },
};

export default function Firm() {
  const firm = useParams().firm ?? "";
  const t = useWords(words);
  const may = useMay();
  const reason = useReason();
  const { data, error } = api.useQuery("get", "/v1/firms/{firm}", { params: { path: { firm } } }, { enabled: reason !== null });
  if (error !== null) return <ProblemView problem={error} />;
  if (data === undefined) return null;
  return (
    <>
      <PageHead
        title={data.name}
        about={
          <Flex wrap gap={8} align="center">
            <Id id={data.id} whole />
            <StateTag state={data.state} states={PARTY} />
          </Flex>
        }
      />
      <Missing firm={data} />
      <Profile firm={data} />
      <Ownerships firm={data} />
      <Verifications title={t.channels} rows={data.verifications} />
      <Limits customer={data.id} />
      {may("balances:read") && <Accounts owner={data.id} />}
      <StopOrders customer={data.id} />
      {may("payments:read") && <Payments customer={data.id} />}
    </>
  );
}

function Missing({ firm: { missing } }: { firm: Found }) {
  const t = useWords(words);
  const { language } = usePreferences();
  if (missing.length === 0) return null;
  const said = missing.map((lack) => LACKS[lack][language]).join(language === "zh" ? "、" : ", ");
  return <Alert type="warning" showIcon title={`${t.missing} ${said}`} style={{ marginBottom: 16 }} />;
}

function Profile({ firm }: { firm: Found }) {
  const t = useWords(words);
  const officer = ({ name, phone, document, document_until }: Schemas["OfficerDocument"]) => (
    <span className="mono">{[name, phone, document.number, document_until].join(" · ")}</span>
  );
  return (
    <Card size="small" style={{ marginBottom: 16 }}>
      <Descriptions
        size="small"
        column={{ xs: 1, md: 2, xl: 3 }}
        items={[
          { key: "code", label: t.code, children: <span className="mono">{firm.credit_code}</span> },
          { key: "licence", label: t.licence, children: firm.licence_until ?? t.endless },
          { key: "until", label: t.until, children: firm.document_until },
          { key: "representative", label: t.representative, children: officer(firm.representative) },
          { key: "agent", label: t.agent, children: firm.agent === null ? "—" : officer(firm.agent) },
          { key: "since", label: t.since, children: <Moment at={firm.created_at} /> },
          { key: "address", label: t.address, children: firm.address },
          { key: "scope", label: t.scope, children: firm.business_scope },
        ]}
      />
    </Card>
  );
}
