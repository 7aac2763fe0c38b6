// Settlement on the same day: whether a merchant may have it, why not, and since when.

import type { Schemas } from "@anfu/api";
import { Button, Card, Descriptions, Flex, Form, Input, Popconfirm } from "antd";
import { useState } from "react";
import { api } from "../../app/client";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { ProblemView } from "../../parts/ProblemView";
import { StateTag, type States } from "../../parts/StateTag";

const STATES: States = {
  ALLOWED: { look: "good", en: "Allowed", zh: "可当日结算" },
  OFF: { look: "over", en: "Off", zh: "未开通" },
  EARLY: { look: "wait", en: "Too early", zh: "条件未满足" },
};
const words = {
  title: { en: "Settlement on the same day (T+0)", zh: "当日结算 (T+0)" },
  law: { en: "Law", zh: "依据" },
  days: { en: "Days since it came in", zh: "入网天数" },
  normal: { en: "Days of normal trade in a row", zh: "连续正常交易天数" },
  missing: { en: (days: number) => `${days} missing`, zh: (days: number) => `还差 ${days} 天` },
  earliest: { en: "Eligible from", zh: "最早可开通日" },
  on: { en: "Propose to switch on", zh: "提议开通" },
  off: { en: "Propose to switch off", zh: "提议关闭" },
  reason: { en: "Reason", zh: "理由" },
  proposed: { en: "Proposed: another person decides", zh: "已提议，待他人批准" },
  approveOn: { en: "Approve: switch on", zh: "批准开通" },
  approveOff: { en: "Approve: switch off", zh: "批准关闭" },
  sure: { en: "Are you sure?", zh: "确定吗？" },
  needed: { en: "Please fill this in", zh: "请填写" },
};

export function SameDay({ merchant }: { merchant: string }) {
  const t = useWords(words);
  const may = useMay();
  const { data, error } = api.useQuery("get", "/v1/merchants/{merchant}/same-day", { params: { path: { merchant } } });
  if (error !== null) return <ProblemView problem={error} />;
  if (data === undefined) return null;
  const state = data.allowed ? "ALLOWED" : data.eligible ? "OFF" : "EARLY";
  const count = (days: number, missing: number) => (missing > 0 ? `${days} · ${t.missing(missing)}` : days);
  return (
    <Card
      size="small"
      title={
        <Flex gap={8} align="center" wrap>
          {t.title}
          <StateTag state={state} states={STATES} />
        </Flex>
      }
      extra={
        <Flex gap={8} wrap>
          {may("applications:write") && (data.on || data.eligible) && <Propose standing={data} />}
          {may("proposals:write") && <Approve merchant={merchant} />}
        </Flex>
      }
      style={{ marginBottom: 16 }}
    >
      <Descriptions
        size="small"
        column={{ xs: 1, sm: 2, lg: 4 }}
        items={[
          { key: "days", label: t.days, children: count(data.days, data.days_missing) },
          { key: "normal", label: t.normal, children: count(data.normal_days, data.normal_days_missing) },
          { key: "earliest", label: t.earliest, children: data.earliest },
          { key: "law", label: t.law, children: `${data.law} ${data.article}` },
        ]}
      />
    </Card>
  );
}

function Propose({ standing: { merchant, on } }: { standing: Schemas["SameDayDocument"] }) {
  const t = useWords(words);
  const [open, setOpen] = useState(false);
  const { run, busy } = useAct(api.useMutation("post", "/v1/merchants/{merchant}/same-day"), t.proposed);
  const title = on ? t.off : t.on;
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {title}
      </Button>
      <Ask<{ reason: string }>
        title={title}
        open={open}
        busy={busy}
        onClose={() => setOpen(false)}
        onGive={({ reason }) => run({ params: { path: { merchant } }, body: { on: !on, reason } }, () => setOpen(false))}
      >
        <Form.Item name="reason" label={t.reason} rules={[{ required: true, whitespace: true, message: t.needed }]}>
          <Input maxLength={200} />
        </Form.Item>
      </Ask>
    </>
  );
}

/** What others proposed about this merchant, and waits for whoever looks. */
function Approve({ merchant }: { merchant: string }) {
  const t = useWords(words);
  const { data } = api.useQuery("get", "/v1/waiting", { params: { query: { kind: "same_day", limit: 200 } } });
  const { run, busy } = useAct(api.useMutation("post", "/v1/merchants/{merchant}/same-day/{same_day}/approve"));
  return data?.data
    .filter(({ about }) => about === merchant)
    .map(({ id, detail }) => (
      <Popconfirm key={id} title={t.sure} onConfirm={() => run({ params: { path: { merchant, same_day: id } } })}>
        <Button size="small" type="primary" loading={busy}>
          {(detail as { switched_on?: boolean } /* of this kind */).switched_on ? t.approveOn : t.approveOff}
        </Button>
      </Popconfirm>
    ));
}
