// Asking for a back-test: on which days, and how long labels are waited for.

import type { Schemas } from "@anfu/api";
import { DatePicker, Form, InputNumber, Typography } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useNavigate } from "react-router";
import { api } from "../../../app/client";
import { useWords } from "../../../app/words";
import { Ask } from "../../../parts/Ask";
import { useAct } from "../../../parts/act";
import type { Content } from "../editor/content";

const words = {
  title: { en: "Back-test", zh: "回测" },
  about: {
    en: "What it would have caught and cost on what was decided here. The worker does it; the figures come by themselves.",
    zh: "在本机构历史决策上测算会拦下什么、误伤多少。由后台执行，结果自动显示。",
  },
  attached: { en: "The figures become a paper of the proposal.", zh: "结果将作为附件附于提案。" },
  days: { en: "Payments of these days", zh: "支付日期范围" },
  delay: { en: "Days until labels are in", zh: "标签成熟天数" },
  delayHelp: { en: "Younger payments are not judged", zh: "更晚的支付不参与评判" },
  started: { en: "The back-test is under way", zh: "回测已开始" },
  needed: { en: "Choose the days", zh: "请选择日期" },
};

/** What is to be tested: rules each on its own, or another policy, or a whole set. */
export interface Tested {
  rules?: Content[] | Schemas["TestedRule"][];
  thresholds?: Schemas["anfu.entrypoints.api.backtests.ThresholdsForm"];
  outcomes?: Schemas["BacktestForm"]["outcomes"];
}

interface StartProps {
  open: boolean;
  onClose: () => void;
  wish: Tested;
  proposal?: string;
}

interface Given {
  days: [Dayjs, Dayjs];
  delay: number;
}

export function StartBacktest({ open, onClose, wish, proposal }: StartProps) {
  const t = useWords(words);
  const go = useNavigate();
  const { run, busy } = useAct(api.useMutation("post", "/v1/backtests"), t.started);
  const send = ({ days: [first, last], delay }: Given) => {
    const body = {
      rules: wish.rules?.map(tested) ?? null,
      thresholds: wish.thresholds ?? null,
      outcomes: wish.outcomes ?? null,
      start: first.startOf("day").toISOString(),
      end: last.add(1, "day").startOf("day").toISOString(),
      cutoff: null,
      label_delay_days: delay,
      proposal: proposal ?? null,
    };
    run({ body }, ({ id }) => {
      onClose();
      void go(`/backtests/${id}`);
    });
  };
  return (
    <Ask<Given>
      title={t.title}
      open={open}
      busy={busy}
      onGive={send}
      onClose={onClose}
      first={{ days: [dayjs().subtract(30, "day"), dayjs()], delay: 7 }}
    >
      <Typography.Paragraph type="secondary">{proposal === undefined ? t.about : `${t.about} ${t.attached}`}</Typography.Paragraph>
      <Form.Item name="days" label={t.days} rules={[{ required: true, message: t.needed }]}>
        <DatePicker.RangePicker allowClear={false} disabledDate={(day) => day.isAfter(dayjs())} style={{ width: "100%" }} />
      </Form.Item>
      <Form.Item name="delay" label={t.delay} extra={t.delayHelp}>
        <InputNumber min={0} max={365} precision={0} style={{ width: 140 }} />
      </Form.Item>
    </Ask>
  );
}

/** A rule as a back-test takes it: on its own, it is tested on every payer. */
function tested(rule: Content | Schemas["TestedRule"]): Schemas["TestedRule"] {
  const { id, condition, grade, points, reason, en, zh, outcome, typology } = rule;
  const { state, rollout } = { state: "LIVE" as const, rollout: 100, ...rule };
  return { id, condition, grade, points, reason, en, zh, outcome, typology, state, rollout };
}
