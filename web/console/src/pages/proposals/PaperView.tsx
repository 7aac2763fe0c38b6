// A paper of a proposal, by its kind.

import type { Schemas } from "@anfu/api";
import { Alert } from "antd";
import { lazy, type ReactNode, Suspense } from "react";
import { useWords } from "../../app/words";
import { FiguresView } from "../rules/backtests/FiguresView";
import { figuresOf } from "../rules/backtests/figures";
import { ComparisonView, type Weighed } from "../models/ComparisonView";
import { CheckPaper } from "./CheckPaper";
import { Fields } from "./Fields";
import { type Shadow, ShadowView } from "./ShadowView";

const CardView = lazy(() => import("../models/CardView"));
const words = { plain: { en: "This back-test has no figures.", zh: "该回测没有数据。" } };

export function PaperView({ paper }: { paper: Schemas["PaperDocument"] }): ReactNode {
  const t = useWords(words);
  const { kind } = paper;
  const body: unknown = paper.body; // a free document; its kind tells which
  switch (kind) {
    case "CHECK":
      return <CheckPaper remarks={paper.remarks ?? []} />;
    case "SHADOW":
      return <ShadowView shadow={body as Shadow} />;
    case "BACKTEST":
      return "judged" in paper.body ? <FiguresView figures={figuresOf(paper.body)} /> : <Alert type="info" showIcon title={t.plain} />;
    case "COMPARISON":
      return <ComparisonView weighed={body as Weighed} />;
    case "FIGURES":
      return (
        <Suspense fallback={null}>
          <CardView figures={paper.body} />
        </Suspense>
      );
    default:
      return <Fields document={paper.body} />;
  }
}
