// Proposing settlement terms: cycle, fee, what is kept back, and the account.

import { PlusOutlined } from "@ant-design/icons";
import { Button, DatePicker, Drawer, Form, Input, InputNumber, Select, Space, Switch } from "antd";
import type { Dayjs } from "dayjs";
import { useState } from "react";
import { api } from "../../app/client";
import { useWords } from "../../app/words";
import { useAct } from "../../parts/act";
import { useOptions } from "../../parts/columns";
import { CYCLES, WEEKDAYS } from "./names";

const words = {
  propose: { en: "Propose terms", zh: "提议条款" },
  proposed: { en: "Proposed: another person decides", zh: "已提议，待他人批准" },
  send: { en: "Propose", zh: "提交" },
  from: { en: "In force from", zh: "生效日" },
  cycle: { en: "Cycle", zh: "结算周期" },
  weekday: { en: "Last day of the week", zh: "每周截止日" },
  credit: { en: "Payable so many days after the month", zh: "月结账期（天）" },
  tiers: { en: "Fee: from a month's volume (yuan), in percent", zh: "手续费：月交易额起点（元）与费率（%）" },
  volume: { en: "From volume", zh: "交易额起点" },
  rate: { en: "Percent", zh: "费率 %" },
  tier: { en: "Another tier", zh: "增加档位" },
  remove: { en: "Remove", zh: "移除" },
  least: { en: "Least fee of a payment (yuan)", zh: "单笔最低手续费（元）" },
  returned: { en: "A refund gives its share of the fee back", zh: "退款按比例退还手续费" },
  minimum: { en: "Carried forward below (yuan)", zh: "低于该金额结转（元）" },
  kept: { en: "Kept back, in percent", zh: "保证金比例 %" },
  days: { en: "For so many days", zh: "保证金天数" },
  holder: { en: "Holder of the account", zh: "户名" },
  number: { en: "Account number", zh: "账号" },
  bank: { en: "Bank", zh: "开户银行" },
  bank_code: { en: "CNAPS code of the bank", zh: "联行号" },
  reason: { en: "Reason", zh: "理由" },
  needed: { en: "Please fill this in", zh: "请填写" },
};

interface Given {
  from_day: Dayjs;
  kind: keyof typeof CYCLES;
  weekday?: string;
  credit_days?: number;
  tiers: { volume: number; rate: number }[];
  least: number;
  returned: boolean;
  minimum: number;
  kept: number;
  days: number;
  account: { holder: string; number: string; bank: string; bank_code: string };
  reason: string;
}

const FIRST = { kind: "NEXT_WORKING_DAY", tiers: [{ volume: 0, rate: 0.38 }], least: 0, returned: true, minimum: 0, kept: 0, days: 0 };
const hundredths = (given: number) => Math.round(given * 100);

function bodyOf(given: Given) {
  const { from_day, kind, weekday, credit_days, tiers, least, returned, minimum, kept, days, account, reason } = given;
  return {
    from_day: from_day.format("YYYY-MM-DD"),
    cycle: { kind, weekday: weekday === undefined ? null : Number(weekday), credit_days: credit_days ?? 0 },
    fee: {
      tiers: tiers.map(({ volume, rate }) => ({ volume: hundredths(volume), rate_bp: hundredths(rate) })),
      least: hundredths(least),
      returned,
    },
    minimum: hundredths(minimum),
    retention: { rate_bp: hundredths(kept), days },
    account,
    reason,
  };
}

export function ProposeTerms({ merchant }: { merchant: string }) {
  const t = useWords(words);
  const [open, setOpen] = useState(false);
  const [form] = Form.useForm<Given>();
  const { run, busy } = useAct(api.useMutation("post", "/v1/merchants/{merchant}/settlement-terms"), t.proposed);
  const params = { path: { merchant } };
  return (
    <>
      <Button size="small" icon={<PlusOutlined />} onClick={() => setOpen(true)}>
        {t.propose}
      </Button>
      <Drawer
        open={open}
        onClose={() => setOpen(false)}
        title={t.propose}
        size={560}
        destroyOnHidden
        extra={
          <Button type="primary" loading={busy} onClick={form.submit}>
            {t.send}
          </Button>
        }
      >
        <Form<Given>
          form={form}
          layout="vertical"
          initialValues={FIRST}
          onFinish={(given) => run({ params, body: bodyOf(given) }, () => setOpen(false))}
        >
          <Cycle />
          <Fee />
          <Rest />
        </Form>
      </Drawer>
    </>
  );
}

function useNeeded() {
  return [{ required: true, message: useWords(words).needed }];
}

function Cycle() {
  const t = useWords(words);
  const rules = useNeeded();
  const cycles = useOptions(CYCLES);
  const weekdays = useOptions(WEEKDAYS);
  const kind = Form.useWatch("kind");
  return (
    <>
      <Form.Item name="from_day" label={t.from} rules={rules}>
        <DatePicker style={{ width: "100%" }} />
      </Form.Item>
      <Form.Item name="kind" label={t.cycle} rules={rules}>
        <Select options={cycles} />
      </Form.Item>
      {kind === "WEEKLY" && (
        <Form.Item name="weekday" label={t.weekday} rules={rules}>
          <Select options={weekdays} />
        </Form.Item>
      )}
      {kind === "MONTHLY" && (
        <Form.Item name="credit_days" label={t.credit} rules={rules}>
          <InputNumber min={0} max={365} />
        </Form.Item>
      )}
    </>
  );
}

function Fee() {
  const t = useWords(words);
  const rules = useNeeded();
  return (
    <>
      <Form.Item label={t.tiers} required>
        <Form.List name="tiers">
          {(fields, { add, remove }) => (
            <Space orientation="vertical">
              {fields.map(({ key, name }) => (
                <Space key={key} align="baseline" wrap>
                  <Form.Item name={[name, "volume"]} rules={rules} noStyle>
                    <InputNumber min={0} precision={2} aria-label={t.volume} />
                  </Form.Item>
                  <Form.Item name={[name, "rate"]} rules={rules} noStyle>
                    <InputNumber min={0} max={100} precision={2} aria-label={t.rate} />
                  </Form.Item>
                  {fields.length > 1 && <Button onClick={() => remove(name)}>{t.remove}</Button>}
                </Space>
              ))}
              <Button onClick={() => add({ volume: 0, rate: 0 })}>{t.tier}</Button>
            </Space>
          )}
        </Form.List>
      </Form.Item>
      <Numbered name="least" label={t.least} />
      <Form.Item name="returned" label={t.returned} valuePropName="checked">
        <Switch />
      </Form.Item>
    </>
  );
}

function Numbered({ name, label, most }: { name: string; label: string; most?: number }) {
  const rules = useNeeded();
  return (
    <Form.Item name={name} label={label} rules={rules}>
      <InputNumber min={0} max={most} precision={name === "days" ? 0 : 2} />
    </Form.Item>
  );
}

function Rest() {
  const t = useWords(words);
  const rules = useNeeded();
  return (
    <>
      <Numbered name="minimum" label={t.minimum} />
      <Numbered name="kept" label={t.kept} most={100} />
      <Numbered name="days" label={t.days} most={365} />
      {(["holder", "number", "bank", "bank_code"] as const).map((name) => (
        <Form.Item key={name} name={["account", name]} label={t[name]} rules={rules}>
          <Input maxLength={100} autoComplete="off" />
        </Form.Item>
      ))}
      <Form.Item name="reason" label={t.reason} rules={rules}>
        <Input maxLength={200} />
      </Form.Item>
    </>
  );
}
