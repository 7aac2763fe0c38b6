// The payer, and the accounts, devices, cards, addresses and phones tied to it, drawn.

import type { Schemas } from "@anfu/api";
import { Alert, Flex, Segmented, Skeleton, theme, Typography } from "antd";
import { useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import { api } from "../../app/client";
import { useWords } from "../../app/words";
import { Chart } from "../../parts/Chart";
import { placeOf } from "../../parts/Id";
import { ProblemView } from "../../parts/ProblemView";
import { StateTag } from "../../parts/StateTag";
import { CASE, type Whole } from "./names";

type Drawn = Schemas["NeighbourhoodDocument"];
type Kind = Drawn["nodes"][number]["kind"];

const SYMBOL: Record<Kind, string> = { account: "circle", device: "rect", card: "roundRect", address: "diamond", phone: "triangle" };
const words = {
  account: { en: "Account", zh: "账户" },
  device: { en: "Device", zh: "设备" },
  card: { en: "Card", zh: "银行卡" },
  address: { en: "Address", zh: "网络地址" },
  phone: { en: "Phone", zh: "手机号" },
  fraud: { en: "known for fraud", zh: "涉欺诈" },
  hub: { en: "shared by many", zh: "枢纽" },
  steps: { en: "Steps away", zh: "步数" },
  label: {
    en: (nodes: number, frauds: number) => `${nodes} accounts and keys tied together, ${frauds} known for fraud`,
    zh: (nodes: number, frauds: number) => `共 ${nodes} 个关联节点，其中 ${frauds} 个涉欺诈`,
  },
  hint: { en: "Turn the wheel to zoom, drag to move, click an account or device to open it.", zh: "滚轮缩放，拖动移动，点击账户或设备可打开。" },
  truncated: { en: "There is more than is drawn.", zh: "节点过多，仅显示部分。" },
  neighbours: { en: "Cases that share something", zh: "有共同点的其他案件" },
  none: { en: "Nothing is tied to it yet.", zh: "暂无关联。" },
};

export function Linked({ account, neighbours }: { account: string; neighbours: Whole["neighbours"] }) {
  const t = useWords(words);
  const [depth, setDepth] = useState(2);
  const { data, error } = api.useQuery("get", "/v1/graph/{kind}/{id}", {
    params: { path: { kind: "account", id: account }, query: { depth } },
  });
  const unknown = error?.code === "graph_node_not_found";
  return (
    <>
      <Flex gap={8} align="center" style={{ marginBottom: 8 }}>
        <Typography.Text type="secondary">{t.steps}</Typography.Text>
        <Segmented size="small" options={[1, 2, 3]} value={depth} onChange={setDepth} aria-label={t.steps} />
      </Flex>
      {unknown && <Typography.Text type="secondary">{t.none}</Typography.Text>}
      {error !== null && !unknown && <ProblemView problem={error} />}
      {data === undefined && error === null && <Skeleton active />}
      {data !== undefined && <Drawing drawn={data} />}
      {neighbours !== undefined && neighbours.length > 0 && (
        <>
          <Typography.Text strong>{t.neighbours}</Typography.Text>
          <ul>
            {neighbours.map(({ case: id, state, input, value }) => (
              <li key={id + input}>
                <Link to={`/cases/${id}`}>{id.slice(-7)}</Link> <StateTag state={state} states={CASE} /> {input} <code>{value}</code>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Drawing({ drawn }: { drawn: Drawn }) {
  const t = useWords(words);
  const go = useNavigate();
  const { token } = theme.useToken();
  const option = useMemo(() => {
    const kinds = Object.keys(SYMBOL) as Kind[];
    const colors = [token.colorPrimary, token.colorInfo, token.colorWarning, token.colorTextSecondary, token.purple];
    return {
      aria: { enabled: false }, // the label says it; patterns would hide the marks
      tooltip: { formatter: ({ data }: { data: { tip?: string } }) => data.tip ?? "" },
      legend: { data: kinds.map((kind) => t[kind]), bottom: 0, textStyle: { color: token.colorText } },
      series: [
        {
          type: "graph",
          layout: "force",
          roam: true,
          draggable: true,
          force: { repulsion: 180, edgeLength: [50, 110] },
          categories: kinds.map((kind, index) => ({ name: t[kind], symbol: SYMBOL[kind], itemStyle: { color: colors[index] } })),
          label: { show: true, position: "right", color: token.colorText, formatter: ({ data }: { data: { said: string } }) => data.said },
          lineStyle: { color: token.colorTextTertiary, width: 1.5 },
          edgeSymbol: ["none", "arrow"],
          edgeSymbolSize: 7,
          data: drawn.nodes.map((node) => ({ ...nodeOf(node, t, token.colorError), category: kinds.indexOf(node.kind) })),
          links: drawn.edges.map(({ source, target, kind, count }) => ({
            source,
            target,
            symbol: kind === "PAID" ? ["none", "arrow"] : ["none", "none"],
            lineStyle: kind === "USED" ? { type: "dashed" } : {},
            tip: `${kind} × ${count}`,
          })),
        },
      ],
    };
  }, [drawn, t, token]);
  const frauds = drawn.nodes.filter(({ fraud }) => fraud).length;
  const open = (name: string) => {
    const place = placeOf(drawn.nodes[Number(name)]?.id ?? "");
    if (place !== null) void go(place);
  };
  return (
    <>
      {drawn.truncated && <Alert type="info" title={t.truncated} />}
      <Chart graph option={option} label={t.label(drawn.nodes.length, frauds)} height={340} onPick={open} />
      <Typography.Text type="secondary">{t.hint}</Typography.Text>
    </>
  );
}

type Said = Record<"fraud" | "hub" | Kind, string>;

function nodeOf(node: Drawn["nodes"][number], t: Said, red: string): object {
  const marks = [node.fraud && `⚠ ${t.fraud}`, node.hub && t.hub].filter(Boolean).join(", ");
  const tail = node.id.length > 12 ? `…${node.id.slice(-6)}` : node.id;
  return {
    name: String(node.number),
    said: marks === "" ? tail : `${tail} ${marks}`,
    tip: escaped(`${t[node.kind]} ${node.id} ${marks}`),
    symbolSize: node.steps === 0 ? 30 : 18,
    itemStyle: node.fraud ? { borderColor: red, borderWidth: 4 } : undefined,
  };
}

// A tooltip of ECharts is HTML; what people call their devices is not.
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
