// What became of a rule: when, by which rule set, who wanted it and who approved it.

import type { Schemas } from "@anfu/api";
import { Empty, Timeline, Typography } from "antd";
import { Link } from "react-router";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { Id } from "../../parts/Id";
import { Moment } from "../../parts/Moment";
import { StateTag } from "../../parts/StateTag";
import { LIFE } from "./names";

const words = {
  none: { en: "Nothing acts on it yet. Propose to watch it.", zh: "尚未参与决策。可提议影子运行。" },
  shipped: { en: "came with Anfu", zh: "随系统发布" },
  by: { en: "wanted by", zh: "提议人" },
  approved: { en: "approved by", zh: "批准人" },
  proposal: { en: "proposal", zh: "提案" },
  set: { en: "rule set", zh: "规则集" },
};

export function Moves({ moves }: { moves: Schemas["MoveDocument"][] }) {
  const t = useWords(words);
  const may = useMay();
  if (moves.length === 0) return <Empty description={t.none} />;
  return (
    <Timeline
      items={moves.map((move) => ({
        key: move.step,
        content: (
          <>
            <StateTag state={move.state} states={LIFE} /> {move.state === "LIVE" && `${move.rollout}% `}
            <Moment at={move.created_at} />
            {move.why !== null && <div>{move.why}</div>}
            <Typography.Text type="secondary">
              {move.author === null ? t.shipped : (
                <>
                  {t.by} <Id id={move.author} /> · {t.approved} <Id id={move.approved_by} />
                </>
              )}{" "}
              · {t.set} <span className="mono">{move.rule_set}</span>
              {move.proposal !== null && may("proposals:read") && (
                <>
                  {" "}
                  · <Link to={`/proposals/${move.proposal}`}>{t.proposal}</Link>
                </>
              )}
            </Typography.Text>
          </>
        ),
      }))}
    />
  );
}
