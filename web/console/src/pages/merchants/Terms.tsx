// What is agreed with a merchant about being paid: every version, proposed by one person, approved by another.

import type { Schemas } from "@anfu/api";
import { Button, Popconfirm } from "antd";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useReason } from "../../app/reason";
import { useMay, useSession } from "../../app/session";
import { useWords } from "../../app/words";
import { useAct } from "../../parts/act";
import { idColumn, moneyColumn, momentColumn, stateColumn, textColumn } from "../../parts/columns";
import { decimalOf } from "../../parts/Money";
import { Section } from "../../parts/Section";
import { CYCLES, TERMS, WEEKDAYS } from "./names";
import { ProposeTerms } from "./ProposeTerms";

type Found = Schemas["TermsDocument"];

const words = {
  title: { en: "Settlement terms", zh: "结算条款" },
  none: { en: "Nothing is agreed yet: the merchant is not paid out.", zh: "尚未约定结算条款，暂不出款。" },
  from: { en: "From", zh: "生效日" },
  state: { en: "State", zh: "状态" },
  cycle: { en: "Cycle", zh: "结算周期" },
  credit: { en: (days: number) => `${days} days later`, zh: (days: number) => `账期 ${days} 天` },
  fee: { en: "Fee", zh: "手续费" },
  above: { en: (volume: string, rate: string) => `${rate} from ${volume}`, zh: (volume: string, rate: string) => `${volume} 起 ${rate}` },
  minimum: { en: "Least paid out", zh: "最低出款额" },
  retention: { en: "Kept back", zh: "保证金" },
  kept: { en: (rate: string, days: number) => `${rate}, ${days} days`, zh: (rate: string, days: number) => `${rate}，${days} 天` },
  account: { en: "Bank account", zh: "结算账户" },
  reason: { en: "Reason", zh: "理由" },
  proposed: { en: "Proposed by", zh: "提议人" },
  approved: { en: "Approved by", zh: "批准人" },
  at: { en: "Proposed", zh: "提议时间" },
  approve: { en: "Approve", zh: "批准" },
  sure: { en: "These terms come into force on their day.", zh: "条款将于生效日起执行。" },
};
const percent = (points: number) => `${(points / 100).toFixed(2)} %`;

export function Terms({ merchant }: { merchant: string }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const may = useMay();
  const reason = useReason();
  const { data, error } = api.useQuery(
    "get",
    "/v1/merchants/{merchant}/settlement-terms",
    { params: { path: { merchant } } },
    { enabled: reason !== null },
  );
  const cycle = ({ cycle: { kind, weekday, credit_days } }: Found) =>
    [CYCLES[kind][language], weekday ? WEEKDAYS[weekday][language] : null, credit_days ? t.credit(credit_days) : null]
      .filter((part) => part !== null)
      .join(" · ");
  const fee = ({ fee: { tiers }, currency }: Found) =>
    tiers.map(({ volume, rate_bp }) => t.above(decimalOf(volume, currency), percent(rate_bp))).join(" · ");
  return (
    <Section<Found>
      title={t.title}
      extra={may("settlements:write") && <ProposeTerms merchant={merchant} />}
      rows={data?.data}
      error={error}
      of={({ id }) => id}
      empty={t.none}
      columns={[
        textColumn("from", t.from, ({ from_day }) => from_day),
        stateColumn("state", t.state, ({ approved_by }) => (approved_by === null ? "PROPOSED" : "APPROVED"), TERMS),
        textColumn("cycle", t.cycle, cycle),
        textColumn("fee", t.fee, fee),
        moneyColumn("minimum", t.minimum, ({ minimum }) => minimum),
        textColumn("retention", t.retention, ({ retention }) =>
          retention.rate_bp ? t.kept(percent(retention.rate_bp), retention.days ?? 0) : null,
        ),
        textColumn("account", t.account, ({ account: { holder, number, bank } }) => `${holder} ${number} ${bank}`),
        textColumn("reason", t.reason, (terms) => terms.reason),
        idColumn("proposed", t.proposed, ({ proposed_by }) => proposed_by),
        momentColumn("at", t.at, ({ proposed_at }) => proposed_at),
        idColumn("approved", t.approved, ({ approved_by }) => approved_by),
        { key: "act", title: "", render: (terms) => <Approve terms={terms} /> },
      ]}
    />
  );
}

function Approve({ terms }: { terms: Found }) {
  const t = useWords(words);
  const may = useMay();
  const me = useSession().staff.id;
  const { run, busy } = useAct(api.useMutation("post", "/v1/merchants/{merchant}/settlement-terms/{terms}/approve"));
  if (terms.approved_by !== null || terms.proposed_by === me || !may("proposals:write")) return null;
  const path = { merchant: terms.merchant, terms: terms.id };
  return (
    <Popconfirm title={t.sure} onConfirm={() => run({ params: { path } })}>
      <Button size="small" type="primary" loading={busy}>
        {t.approve}
      </Button>
    </Popconfirm>
  );
}
