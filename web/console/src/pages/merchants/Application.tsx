// One application: what was written, what the registries said, who decided.

import type { Schemas } from "@anfu/api";
import { Alert, Card, Descriptions, Flex, Tag } from "antd";
import { useParams } from "react-router";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useReason } from "../../app/reason";
import { useWords } from "../../app/words";
import { momentColumn, numberColumn, stateColumn, textColumn } from "../../parts/columns";
import { Id } from "../../parts/Id";
import { Moment } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";
import { ProblemView } from "../../parts/ProblemView";
import { Section } from "../../parts/Section";
import { StateTag } from "../../parts/StateTag";
import { CHANNELS, DOCUMENTS, VERIFIED } from "../customers/names";
import { ApplicationActs } from "./ApplicationActs";
import { Trade } from "./Merchant";
import { APPLICATION, FIRM_STATES, GRADE, RATING, REFUSALS, SCENES } from "./names";

type Found = Schemas["ApplicationDocument"];

const words = {
  merchant: { en: "Merchant", zh: "商户" },
  legal: { en: "Registered as", zh: "登记名称" },
  code: { en: "Credit code", zh: "统一社会信用代码" },
  mcc: { en: "Trade", zh: "商户类别" },
  scenes: { en: "Scenes", zh: "收款场景" },
  address: { en: "Address", zh: "经营地址" },
  representative: { en: "Representative", zh: "法定代表人" },
  account: { en: "Settlement account", zh: "结算账户" },
  rating: { en: "Rating", zh: "风险等级" },
  due: { en: "Look again by", zh: "复核截止日" },
  visited: { en: "Visited on", zh: "巡检日期" },
  written: { en: "Written by", zh: "填写人" },
  submitted: { en: "Submitted by", zh: "提交人" },
  decided: { en: "Decided by", zh: "审批人" },
  inquiries: { en: "What the registries said", zh: "登记机关核验" },
  none: { en: "They are asked when the draft is submitted.", zh: "提交后发起核验。" },
  registry: { en: "Registry", zh: "核验渠道" },
  state: { en: "Answer", zh: "核验结果" },
  firm: { en: "State of the firm", zh: "企业状态" },
  reason: { en: "Reason", zh: "原因" },
  attempts: { en: "Attempts", zh: "次数" },
  asked: { en: "Asked", zh: "发起时间" },
  answered: { en: "Answered", zh: "回复时间" },
  refused: { en: "Refused:", zh: "已拒绝：" },
  suspended: { en: "Suspended by hand:", zh: "人工暂停：" },
  unverified: {
    en: "Not looked at again in time, or a registry contradicted: it is not paid until it is looked at again.",
    zh: "未按期复核或登记信息不一致，复核前不得收款。",
  },
};

export default function Application() {
  const application = useParams().application ?? "";
  const reason = useReason();
  const { data, error } = api.useQuery(
    "get",
    "/v1/merchant-applications/{application}",
    { params: { path: { application } } },
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
            <StateTag state={data.state} states={APPLICATION} />
            {data.rating !== null && <StateTag state={data.rating} states={RATING} />}
          </Flex>
        }
        actions={<ApplicationActs application={data} />}
      />
      <Troubles application={data} />
      <Words application={data} />
      <Inquiries application={data} />
    </>
  );
}

function Troubles({ application: { refusal, suspension, unverified_since } }: { application: Found }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const style = { marginBottom: 16 };
  return (
    <>
      {refusal !== null && <Alert type="error" showIcon title={`${t.refused} ${REFUSALS[refusal][language]}`} style={style} />}
      {suspension !== null && (
        <Alert
          type="warning"
          showIcon
          title={`${t.suspended} ${suspension.reason}`}
          description={
            <>
              <Id id={suspension.by} /> · <Moment at={suspension.at} />
            </>
          }
          style={style}
        />
      )}
      {unverified_since !== null && (
        <Alert type="warning" showIcon title={t.unverified} description={<Moment at={unverified_since} />} style={style} />
      )}
    </>
  );
}

function Words({ application: found }: { application: Found }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const { representative: person, settlement } = found;
  const document = `${DOCUMENTS[person.document.type]?.[language]} ${person.document.number}`;
  return (
    <Card size="small" style={{ marginBottom: 16 }}>
      <Descriptions
        size="small"
        column={{ xs: 1, md: 2, xl: 3 }}
        items={[
          { key: "merchant", label: t.merchant, children: <Id id={found.merchant} /> },
          { key: "legal", label: t.legal, children: found.legal_name },
          { key: "code", label: t.code, children: <span className="mono">{found.credit_code}</span> },
          {
            key: "mcc",
            label: t.mcc,
            children: (
              <Flex wrap gap={4}>
                <Trade mcc={found.mcc} />
                {found.grade !== null && <StateTag state={found.grade} states={GRADE} />}
              </Flex>
            ),
          },
          {
            key: "scenes",
            label: t.scenes,
            children: (
              <Flex wrap gap={4}>
                {found.scenes.map((scene) => (
                  <Tag key={scene}>{SCENES[scene][language]}</Tag>
                ))}
              </Flex>
            ),
          },
          { key: "address", label: t.address, children: found.address },
          { key: "representative", label: t.representative, children: [person.name, person.phone, document, person.document_until].join(" · ") },
          { key: "account", label: t.account, children: [settlement.holder, settlement.number, settlement.bank].join(" · ") },
          { key: "due", label: t.due, children: found.due_on ?? "—" },
          { key: "visited", label: t.visited, children: found.visited_on ?? "—" },
          { key: "written", label: t.written, children: <Id id={found.written_by} /> },
          { key: "submitted", label: t.submitted, children: <Id id={found.submitted_by} /> },
          {
            key: "decided",
            label: t.decided,
            children: (
              <span>
                <Id id={found.decided_by} /> {found.decided_at !== null && <Moment at={found.decided_at} />}
              </span>
            ),
          },
        ]}
      />
    </Card>
  );
}

function Inquiries({ application }: { application: Found }) {
  const t = useWords(words);
  const { language } = usePreferences();
  return (
    <Section<Found["inquiries"][number]>
      title={t.inquiries}
      rows={application.inquiries}
      of={({ id }) => id}
      empty={t.none}
      columns={[
        textColumn("registry", t.registry, ({ registry }) => CHANNELS[registry]?.[language] ?? registry),
        stateColumn("state", t.state, ({ state }) => state, VERIFIED),
        textColumn("firm", t.firm, ({ firm_state }) => firm_state && (FIRM_STATES[firm_state]?.[language] ?? firm_state)),
        textColumn("reason", t.reason, ({ reason }) => reason),
        numberColumn("attempts", t.attempts, ({ attempts }) => attempts),
        momentColumn("asked", t.asked, ({ asked_at }) => asked_at),
        momentColumn("answered", t.answered, ({ answered_at }) => answered_at),
      ]}
    />
  );
}
