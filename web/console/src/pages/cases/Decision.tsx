// One decision: what was said, why, and every fact it was made from.

import { Card, Flex, Skeleton } from "antd";
import { useParams } from "react-router";
import { api } from "../../app/client";
import { useReason } from "../../app/reason";
import { useSay, useWords } from "../../app/words";
import { OUTCOME } from "../../parts/called";
import { Id } from "../../parts/Id";
import { Moment } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";
import { ProblemView } from "../../parts/ProblemView";
import { GRADE, StateTag } from "../../parts/StateTag";
import { ModelReasons } from "../payments/Decided";
import "./cases.css";
import { Facts } from "./Facts";
import { factsOf } from "./names";

const words = {
  title: { en: "Decision", zh: "决策" },
  of: { en: "about", zh: "对象" },
  score: { en: "Score", zh: "评分" },
  why: { en: "Why", zh: "原因" },
  none: { en: "Nothing spoke against it.", zh: "无不利因素。" },
  models: { en: "Why the models scored so", zh: "模型评分原因" },
  facts: { en: "What was known", zh: "决策时的特征" },
};

export default function Decision() {
  const t = useWords(words);
  const say = useSay();
  const reason = useReason();
  const { decision = "" } = useParams();
  const { data, error, refetch } = api.useQuery(
    "get",
    "/v1/decisions/{decision}",
    { params: { path: { decision }, query: { expand: "reasons" } } },
    { enabled: reason !== null },
  );
  if (error !== null) return <ProblemView problem={error} again={() => void refetch()} />;
  if (data === undefined) return <Skeleton active />;
  const { reason_texts = [], facts = {} } = data;
  return (
    <>
      <PageHead
        title={`${t.title} ${decision.slice(-7)}`}
        about={
          <Flex wrap gap={10} align="center" style={{ marginTop: 6 }}>
            <StateTag state={data.outcome} states={OUTCOME} />
            <StateTag state={data.grade} states={GRADE} />
            <span>
              {t.score} <strong className="number">{data.score}</strong> / 1000
            </span>
            <span>
              {t.of} <Id id={data.event} />
            </span>
            <Moment at={data.occurred_at} />
          </Flex>
        }
      />
      <div className="case">
        <Card size="small" title={t.facts}>
          <Facts facts={factsOf({ facts })} />
        </Card>
        <div className="case-side">
          <Card size="small" title={t.why}>
            {reason_texts.length + data.list_hits.length === 0 && t.none}
            <ul className="why">
              {reason_texts.map(({ code, en, zh }) => (
                <li key={code}>
                  {say(en, zh)} <code>{code}</code>
                </li>
              ))}
              {data.list_hits.map((hit) => (
                <li key={hit}>
                  <code>{hit}</code>
                </li>
              ))}
            </ul>
          </Card>
          <Card size="small" title={t.models}>
            <ModelReasons decision={decision} />
          </Card>
        </div>
      </div>
    </>
  );
}
