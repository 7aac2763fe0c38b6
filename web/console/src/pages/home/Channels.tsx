// The networks we pay through, and how they are.

import type { Schemas } from "@anfu/api";
import { Table, Typography, type TableColumnsType } from "antd";
import { useWords } from "../../app/words";
import { reachable } from "../../parts/reachable";
import { type States, StateTag } from "../../parts/StateTag";

type Channel = Schemas["ChannelDocument"];

const BREAKER: States = {
  CLOSED: { look: "good", en: "In use", zh: "使用中" },
  OPEN: { look: "bad", en: "Left alone", zh: "已熔断" },
};

const words = {
  channel: { en: "Channel", zh: "通道" },
  state: { en: "State", zh: "状态" },
  success: { en: "Success", zh: "成功率" },
  ended: { en: "Ended", zh: "已结束" },
  heard: { en: "Answered", zh: "应答率" },
  p50: { en: "p50", zh: "p50" },
  p95: { en: "p95", zh: "p95" },
  bill: { en: "Last bill", zh: "最近对账单" },
  none: { en: "No channel is set up (ANFU_CHANNELS).", zh: "尚未配置通道（ANFU_CHANNELS）。" },
};

const share = (value: number | null) => (value === null ? "—" : `${(value * 100).toFixed(1)} %`);
const seconds = (value: number | null) => (value === null ? "—" : `${value.toFixed(2)} s`);

export function Channels({ channels }: { channels: Channel[] }) {
  const t = useWords(words);
  const columns: TableColumnsType<Channel> = [
    { title: t.channel, dataIndex: "channel" },
    { title: t.state, dataIndex: "breaker", render: (state: string) => <StateTag state={state} states={BREAKER} /> },
    { title: t.success, dataIndex: "success_share", align: "end", render: share },
    { title: t.ended, key: "ended", align: "end", render: (_, { succeeded, failed }) => succeeded + failed },
    { title: t.heard, dataIndex: "heard_share", align: "end", render: share },
    { title: t.p50, dataIndex: "p50_s", align: "end", render: seconds },
    { title: t.p95, dataIndex: "p95_s", align: "end", render: seconds },
    { title: t.bill, dataIndex: "last_bill", render: (day: string | null) => day ?? "—" },
  ];
  return (
    <Table
      ref={reachable}
      size="small"
      rowKey="channel"
      columns={columns}
      dataSource={channels}
      pagination={false}
      scroll={{ x: "max-content" }}
      locale={{ emptyText: <Typography.Text type="secondary">{t.none}</Typography.Text> }}
    />
  );
}
