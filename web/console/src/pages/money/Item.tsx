// One difference: what the bill says, what we say, what was done about it and by whom.

import type { Schemas } from "@anfu/api";
import { Alert, Button, Card, Col, Descriptions, Flex, Form, Input, Row, Select, Table, Typography, type TableColumnsType } from "antd";
import { useState } from "react";
import { useParams } from "react-router";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useMay, useSession } from "../../app/session";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { useOptions } from "../../parts/columns";
import { Id } from "../../parts/Id";
import { Money } from "../../parts/Money";
import { Moment } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";
import { ProblemView } from "../../parts/ProblemView";
import { reachable } from "../../parts/reachable";
import { StateTag } from "../../parts/StateTag";
import { ACTS, DONE, ITEM, LEGS, TREATMENT } from "./names";

type Found = Schemas["ItemDocument"];
type Treatment = Schemas["TreatmentDocument"];
type Wish = Schemas["TreatmentForm"] & { whom?: string };

const PARTY = "party";

const words = {
  title: { en: "Difference", zh: "差异明细" },
  found: { en: "Found as", zh: "差异类型" },
  state: { en: "State", zh: "当前状态" },
  age: { en: "Days old", zh: "账龄（天）" },
  bill: { en: "Bill", zh: "账单" },
  row: { en: "Row", zh: "行号" },
  amount: { en: "Amount", zh: "金额" },
  fee: { en: "Fee", zh: "手续费" },
  due: { en: "Fee due", zh: "应收手续费" },
  at: { en: "At", zh: "时间" },
  says: { en: "The bill says", zh: "账单记录" },
  ours: { en: "We say", zh: "我方记录" },
  nothing: { en: "Nothing", zh: "无记录" },
  payment: { en: "Payment", zh: "支付" },
  refund: { en: "Refund", zh: "退款" },
  entries: { en: "Entries", zh: "分录" },
  treatments: { en: "Treatments", zh: "差异处理" },
  act: { en: "Act", zh: "处理方式" },
  reason: { en: "Reason", zh: "理由" },
  target: { en: "Against", zh: "销账对方科目" },
  channel: { en: "The channel: it has put it right", zh: "渠道（已由渠道调整）" },
  result: { en: "Our result: gain or loss", zh: "损益（计入收益或损失）" },
  party: { en: "The balance of a customer or merchant", zh: "客户或商户余额" },
  whom: { en: "Customer or merchant", zh: "客户或商户编号" },
  propose: { en: "Propose a treatment", zh: "提议处理" },
  by: { en: "Proposed by", zh: "提议人" },
  decided: { en: "Decided by", zh: "决定人" },
  approve: { en: "Approve", zh: "批准" },
  decline: { en: "Decline", zh: "否决" },
  two: { en: "Another person decides on what one has proposed.", zh: "提议须由另一人批准。" },
  needed: { en: "Please fill this in", zh: "请填写" },
  none: { en: "Nothing has been done about it yet.", zh: "尚未处理。" },
};

export default function Item() {
  const t = useWords(words);
  const { language } = usePreferences();
  const item = useParams().item ?? "";
  const { data, error } = api.useQuery("get", "/v1/reconciliation-items/{item}", { params: { path: { item } } });
  if (error !== null) return <ProblemView problem={error} />;
  if (data === undefined) return null;
  return (
    <>
      <PageHead
        title={`${t.title} · ${data.channel} · ${data.day}`}
        about={<Id id={data.id} whole />}
        actions={<Propose item={data} />}
      />
      <Card size="small" style={{ marginBottom: 16 }}>
        <Descriptions
          size="small"
          column={{ xs: 1, sm: 2, lg: 4 }}
          items={[
            { key: "class", label: t.found, children: <StateTag state={data.class} states={ITEM} /> },
            { key: "state", label: t.state, children: <StateTag state={data.state} states={ITEM} /> },
            { key: "age", label: t.age, children: data.age_days },
            { key: "leg", label: t.bill, children: LEGS[data.leg]?.[language] ?? data.leg },
            { key: "payment", label: t.payment, children: <Id id={data.number?.slice(0, 30)} /> },
            { key: "refund", label: t.refund, children: <Id id={data.refund} /> },
            { key: "entries", label: t.entries, children: data.entries.length === 0 ? "—" : data.entries.map((id) => <Id key={id} id={id} />) },
          ]}
        />
      </Card>
      <Row gutter={[16, 16]} style={{ marginBottom: 16 }}>
        <Col xs={24} md={12}>
          <Line item={data} />
        </Col>
        <Col xs={24} md={12}>
          <Ours item={data} />
        </Col>
      </Row>
      <Treatments item={data} />
    </>
  );
}

function money(amount: number | null | undefined, currency: string | null | undefined) {
  return amount === null || amount === undefined || !currency ? "—" : <Money minor={amount} currency={currency} />;
}

function Line({ item: { line } }: { item: Found }) {
  const t = useWords(words);
  return (
    <Card size="small" title={t.says}>
      {line === null ? (
        t.nothing
      ) : (
        <Descriptions
          size="small"
          column={1}
          items={[
            { key: "row", label: t.row, children: line.row },
            { key: "amount", label: t.amount, children: money(line.amount, line.currency) },
            { key: "fee", label: t.fee, children: money(line.fee, line.currency) },
            { key: "due", label: t.due, children: money(line.fee_due, line.currency) },
            { key: "state", label: t.state, children: line.state === null ? "—" : <StateTag state={line.state} states={DONE} /> },
            { key: "at", label: t.at, children: <Moment at={line.at} /> },
          ]}
        />
      )}
    </Card>
  );
}

function Ours({ item: { ours } }: { item: Found }) {
  const t = useWords(words);
  return (
    <Card size="small" title={t.ours}>
      {ours === null ? (
        t.nothing
      ) : (
        <Descriptions
          size="small"
          column={1}
          items={[
            { key: "amount", label: t.amount, children: money(ours.amount, ours.currency) },
            { key: "state", label: t.state, children: ours.state === null ? "—" : <StateTag state={ours.state} states={DONE} /> },
            { key: "at", label: t.at, children: <Moment at={ours.at} /> },
          ]}
        />
      )}
    </Card>
  );
}

function Propose({ item }: { item: Found }) {
  const t = useWords(words);
  const may = useMay();
  const [open, setOpen] = useState(false);
  const options = useOptions(ACTS).filter(({ value }) => item.acts.some((act) => act === value));
  const { run, busy } = useAct(api.useMutation("post", "/v1/reconciliation-items/{item}/treatments"));
  if (!may("reconciliation:write") || options.length === 0) return null;
  return (
    <>
      <Button type="primary" onClick={() => setOpen(true)}>
        {t.propose}
      </Button>
      <Ask<Wish>
        title={t.propose}
        open={open}
        busy={busy}
        onClose={() => setOpen(false)}
        onGive={({ act, reason, target, whom }) =>
          run(
            { params: { path: { item: item.id } }, body: { act, reason, target: (target === PARTY ? whom : target) ?? null } },
            () => setOpen(false),
          )
        }
      >
        <Alert type="info" showIcon title={t.two} style={{ marginBottom: 12 }} />
        <Form.Item name="act" label={t.act} rules={[{ required: true, message: t.needed }]}>
          <Select options={options} />
        </Form.Item>
        <Form.Item noStyle shouldUpdate>
          {({ getFieldValue }) =>
            getFieldValue("act") === "CLEAR" && (
              <>
                <Form.Item name="target" label={t.target} rules={[{ required: true, message: t.needed }]}>
                  <Select options={(["channel", "result", PARTY] as const).map((value) => ({ value, label: t[value] }))} />
                </Form.Item>
                {getFieldValue("target") === PARTY && (
                  <Form.Item name="whom" label={t.whom} rules={[{ required: true, pattern: /^(cus|mer)_\w+$/, message: t.needed }]}>
                    <Input placeholder="mer_…" />
                  </Form.Item>
                )}
              </>
            )
          }
        </Form.Item>
        <Form.Item name="reason" label={t.reason} rules={[{ required: true, message: t.needed }]}>
          <Input.TextArea maxLength={500} rows={3} />
        </Form.Item>
      </Ask>
    </>
  );
}

function Treatments({ item }: { item: Found }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const columns: TableColumnsType<Treatment> = [
    {
      title: t.act,
      dataIndex: "act",
      render: (act: string, { target }) => (
        <Flex gap={6}>
          {ACTS[act]?.[language] ?? act}
          {target !== null && (target === "channel" || target === "result" ? t[target] : <Id id={target} />)}
        </Flex>
      ),
    },
    { title: t.reason, dataIndex: "reason" },
    { title: t.state, dataIndex: "state", render: (state: string) => <StateTag state={state} states={TREATMENT} /> },
    { title: t.by, dataIndex: "proposed_by", render: (id: string) => <Id id={id} /> },
    { title: t.at, dataIndex: "proposed_at", render: (at: string) => <Moment at={at} /> },
    { title: t.decided, dataIndex: "decided_by", render: (id: string | null) => <Id id={id} /> },
    { key: "decide", render: (_, treatment) => <Decide treatment={treatment} /> },
  ];
  return (
    <Card size="small" title={t.treatments} styles={{ body: { padding: 0 } }}>
      <Table
        ref={reachable}
        size="small"
        rowKey="id"
        columns={columns}
        dataSource={item.treatments}
        pagination={false}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: <Typography.Text type="secondary">{t.none}</Typography.Text> }}
      />
    </Card>
  );
}

function Decide({ treatment }: { treatment: Treatment }) {
  const t = useWords(words);
  const may = useMay();
  const me = useSession().staff.id;
  const approve = useAct(api.useMutation("post", "/v1/reconciliation-items/{item}/treatments/{treatment}/approve"));
  const decline = useAct(api.useMutation("post", "/v1/reconciliation-items/{item}/treatments/{treatment}/decline"));
  const given = { params: { path: { item: treatment.item, treatment: treatment.id } } };
  if (treatment.state !== "PROPOSED" || treatment.proposed_by === me || !may("proposals:write")) return null;
  return (
    <Flex gap={6}>
      <Button size="small" type="primary" loading={approve.busy} onClick={() => approve.run(given)}>
        {t.approve}
      </Button>
      <Button size="small" danger loading={decline.busy} onClick={() => decline.run(given)}>
        {t.decline}
      </Button>
    </Flex>
  );
}
