// The networks we pay through, and how they are.

import type { Schemas } from "@anfu/api";
import { Typography } from "antd";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { methodName } from "../../parts/called";
import { type Cell, FewRows } from "../../parts/FewRows";
import { type States, StateTag } from "../../parts/StateTag";

type Channel = Schemas["ChannelDocument"];

const BREAKER: States = {
  CLOSED: { look: "good", en: "In use", zh: "使用中" },
  OPEN: { look: "bad", en: "Left alone", zh: "已熔断" },
};

const words = {
  channels: { en: "Channels", zh: "渠道" },
  channel: { en: "Channel", zh: "渠道" },
  state: { en: "State", zh: "状态" },
  success: { en: "Success", zh: "成功率" },
  ended: { en: "Ended", zh: "已结束" },
  heard: { en: "Answered", zh: "应答率" },
  p50: { en: "p50", zh: "p50" },
  p95: { en: "p95", zh: "p95" },
  bill: { en: "Last bill", zh: "最近对账单" },
  none: { en: "No channel is set up (ANFU_CHANNELS).", zh: "尚未配置渠道（ANFU_CHANNELS）。" },
};

const share = (value: number | null) => (value === null ? "—" : `${(value * 100).toFixed(1)} %`);
const seconds = (value: number | null) => (value === null ? "—" : `${value.toFixed(2)} s`);

export function Channels({ channels }: { channels: Channel[] }) {
  const t = useWords(words);
  const { language } = usePreferences();
  if (channels.length === 0) return <Typography.Text type="secondary">{t.none}</Typography.Text>;
  const cells: Cell<Channel>[] = [
    { title: t.channel, show: ({ channel }) => methodName(channel, language) },
    { title: t.state, show: ({ breaker }) => <StateTag state={breaker} states={BREAKER} /> },
    { title: t.success, number: true, show: ({ success_share }) => share(success_share) },
    { title: t.ended, number: true, show: ({ succeeded, failed }) => succeeded + failed },
    { title: t.heard, number: true, show: ({ heard_share }) => share(heard_share) },
    { title: t.p50, number: true, show: ({ p50_s }) => seconds(p50_s) },
    { title: t.p95, number: true, show: ({ p95_s }) => seconds(p95_s) },
    { title: t.bill, show: ({ last_bill }) => last_bill ?? "—" },
  ];
  return <FewRows label={t.channels} cells={cells} rows={channels} of={({ channel }) => channel} />;
}
