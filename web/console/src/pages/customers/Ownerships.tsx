// Who owns a firm in the end, as declared by one person and confirmed by another.

import type { Schemas } from "@anfu/api";
import { Button, Card, Flex, Popconfirm, Typography } from "antd";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { useAct } from "../../parts/act";
import { textColumn } from "../../parts/columns";
import { Moment } from "../../parts/Moment";
import { Section } from "../../parts/Section";
import { StateTag, type States } from "../../parts/StateTag";
import { RELATIONS } from "./names";

type Ownership = Schemas["OwnershipDocument"];
type Owner = Schemas["BeneficialOwnerDocument"];

const STATES: States = {
  CONFIRMED: { look: "good", en: "Confirmed", zh: "已确认" },
  DECLARED: { look: "wait", en: "Waits for a second person", zh: "待第二人确认" },
};
const words = {
  title: { en: "Beneficial owners", zh: "受益所有人" },
  none: { en: "Nobody has been declared yet.", zh: "尚未申报。" },
  name: { en: "Name", zh: "姓名" },
  document: { en: "Document", zh: "证件号码" },
  phone: { en: "Phone", zh: "手机号" },
  until: { en: "Good until", zh: "证件有效期至" },
  why: { en: "Owner by", zh: "认定依据" },
  shares: { en: "Shares", zh: "股权" },
  votes: { en: "Votes", zh: "表决权" },
  income: { en: "Income", zh: "收益权" },
  since: { en: "Since", zh: "起始日" },
  rest: { en: (part: string, why: string) => `${part} with nobody named: ${why}`, zh: (part: string, why: string) => `${part} 未列明：${why}` },
  confirm: { en: "Confirm", zh: "确认" },
  sure: {
    en: "You have checked who owns the firm, and did not declare it yourself.",
    zh: "您已核实受益所有人，且并非本人申报。",
  },
};
const part = (hundredths: number) => `${(hundredths / 100).toFixed(2)} %`;

export function Ownerships({ firm }: { firm: Schemas["FirmDocument"] }) {
  const t = useWords(words);
  if (firm.ownerships.length === 0)
    return (
      <Card size="small" title={t.title} style={{ marginBottom: 16 }}>
        {t.none}
      </Card>
    );
  return [...firm.ownerships].reverse().map((one) => <Declared key={one.id} firm={firm.id} ownership={one} />);
}

function Declared({ firm, ownership }: { firm: string; ownership: Ownership }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const { beneficial_owners, confirmed_at, declared_at, unnamed, rest_reason } = ownership;
  return (
    <Section<Owner>
      title={
        <Flex wrap gap={8} align="center">
          {t.title}
          <StateTag state={confirmed_at === null ? "DECLARED" : "CONFIRMED"} states={STATES} />
          <Typography.Text type="secondary">
            <Moment at={confirmed_at ?? declared_at} />
          </Typography.Text>
        </Flex>
      }
      extra={confirmed_at === null && <Confirm firm={firm} ownership={ownership.id} />}
      about={unnamed > 0 ? t.rest(part(unnamed), rest_reason ?? "—") : undefined}
      rows={beneficial_owners}
      of={({ name, document }) => name + document.number}
      columns={[
        textColumn("name", t.name, ({ name }) => name),
        textColumn("document", t.document, ({ document }) => document.number),
        textColumn("phone", t.phone, ({ phone }) => phone),
        textColumn("until", t.until, ({ document_until }) => document_until),
        textColumn("why", t.why, ({ relations }) => relations.map((one) => RELATIONS[one][language]).join(" · ")),
        textColumn("shares", t.shares, ({ shares }) => part(shares)),
        textColumn("votes", t.votes, ({ votes }) => part(votes)),
        textColumn("income", t.income, ({ income }) => part(income)),
        textColumn("since", t.since, ({ since }) => since),
      ]}
    />
  );
}

function Confirm({ firm, ownership }: { firm: string; ownership: string }) {
  const t = useWords(words);
  const may = useMay();
  const { run, busy } = useAct(api.useMutation("post", "/v1/firms/{firm}/ownerships/{ownership}/confirm"));
  if (!may("owners:write")) return null;
  return (
    <Popconfirm title={t.sure} onConfirm={() => run({ params: { path: { firm, ownership } } })}>
      <Button size="small" type="primary" loading={busy}>
        {t.confirm}
      </Button>
    </Popconfirm>
  );
}
