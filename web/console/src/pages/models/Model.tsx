// One model: its card, itself beside the champion, how its world has moved, and its life.

import { Card, Descriptions, Skeleton, Timeline } from "antd";
import { lazy, Suspense } from "react";
import { Link, useParams } from "react-router";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { Id } from "../../parts/Id";
import { Moment } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";
import { Parts } from "../../parts/Parts";
import { ProblemView } from "../../parts/ProblemView";
import { StateTag } from "../../parts/StateTag";
import { Beside } from "./Beside";
import { Columns } from "./Columns";
import { MoveModel } from "./MoveModel";
import { MODEL_STATE, ROLE } from "./names";

const CardView = lazy(() => import("./CardView"));
const Drifts = lazy(() => import("./Drifts"));

const words = {
  shown: { en: "What to show", zh: "显示内容" },
  role: { en: "Role", zh: "用途" },
  onnx: { en: "Digest (SHA-256)", zh: "摘要 (SHA-256)" },
  size: { en: "Size", zh: "大小" },
  made: { en: "Brought", zh: "导入时间" },
  author: { en: "By", zh: "导入人" },
  card: { en: "Card", zh: "模型说明" },
  noCard: { en: "It was brought without the figures of a card.", zh: "导入时未附模型说明数据。" },
  beside: { en: "Beside the champion", zh: "与现任模型对比" },
  drift: { en: "Drift", zh: "漂移" },
  columns: { en: "What it reads", zh: "输入特征" },
  life: { en: "Life", zh: "变动记录" },
  proposal: { en: "proposal", zh: "提案" },
};

interface Move {
  state: string;
  at: string;
  by: string;
  proposal: string | null;
}

export default function Model() {
  const t = useWords(words);
  const { language } = usePreferences();
  const { model = "" } = useParams();
  const { data, error, refetch } = api.useQuery("get", "/v1/models/{model}", { params: { path: { model } } });
  if (error !== null) return <ProblemView problem={error} again={() => void refetch()} />;
  if (data === undefined) return <Skeleton active />;
  const moves = (data.moves ?? []) as unknown as Move[]; // free documents (risk/models/queries.py)
  const lazily = (part: React.ReactNode) => <Suspense fallback={<Skeleton active />}>{part}</Suspense>;
  return (
    <>
      <PageHead
        title={data.name}
        about={<><StateTag state={data.state} states={MODEL_STATE} /> <span className="mono">{data.id}</span></>}
        actions={<MoveModel model={data} />}
      />
      <Card size="small" style={{ marginBottom: 16 }}>
        <Descriptions
          size="small"
          column={{ xs: 1, md: 2, xl: 3 }}
          items={[
            { key: "role", label: t.role, children: ROLE[data.role][language] },
            { key: "made", label: t.made, children: <Moment at={data.created_at} /> },
            { key: "author", label: t.author, children: <Id id={data.author} /> },
            { key: "size", label: t.size, children: `${data.size.toLocaleString("en")} B` },
            { key: "onnx", label: t.onnx, children: <Id id={data.onnx} /> },
          ]}
        />
      </Card>
      <Card size="small">
        <Parts
          label={t.shown}
          items={[
            { key: "card", label: t.card, children: data.figures ? lazily(<CardView figures={data.figures} />) : t.noCard },
            ...(data.role === "FRAUD" ? [{ key: "beside", label: t.beside, children: <Beside model={data.id} /> }] : []),
            { key: "drift", label: t.drift, children: lazily(<Drifts model={data.id} />) },
            { key: "columns", label: t.columns, children: <Columns declaration={data.declaration ?? {}} /> },
            {
              key: "life",
              label: t.life,
              children: (
                <Timeline
                  items={moves.map((move) => ({
                    key: move.at,
                    content: (
                      <>
                        <StateTag state={move.state} states={MODEL_STATE} /> <Moment at={move.at} /> <Id id={move.by} />{" "}
                        {move.proposal !== null && <Link to={`/proposals/${move.proposal}`}>{t.proposal}</Link>}
                      </>
                    ),
                  }))}
                />
              ),
            },
          ]}
        />
      </Card>
    </>
  );
}
