// One case: what happened beside what is usual, who else is tied to it, and what becomes of it.

import { Alert, Card, Flex, Skeleton, Typography } from "antd";
import { useState } from "react";
import { useParams } from "react-router";
import { api } from "../../app/client";
import { useReason } from "../../app/reason";
import { useMay, useSession } from "../../app/session";
import { useWords } from "../../app/words";
import { Id } from "../../parts/Id";
import { Money } from "../../parts/Money";
import { PageHead } from "../../parts/PageHead";
import { ProblemView } from "../../parts/ProblemView";
import { GRADE, StateTag } from "../../parts/StateTag";
import { CaseActs } from "./CaseActs";
import "./cases.css";
import { Clock } from "./Clock";
import { Facts } from "./Facts";
import { History } from "./History";
import { Items } from "./Items";
import { Linked } from "./Linked";
import { Log } from "./Log";
import { CASE, factsOf } from "./names";
import { Papers } from "./Papers";
import { Voices } from "./Voices";

const words = {
  title: { en: "Case", zh: "案件" },
  of: { en: (count: number) => `${count} payments`, zh: (count: number) => `共 ${count} 笔` },
  holder: { en: "Held by", zh: "承办人" },
  me: { en: "me", zh: "我" },
  two: { en: "A verdict on this takes a second person.", zh: "金额达到双人复核标准，处置须第二人确认。" },
  now: { en: "This payment, beside what is usual", zh: "本笔特征与既往对照" },
  history: { en: "The payer's last payments", zh: "付款人近期支付" },
  linked: { en: "Who and what is tied to it", zh: "关联图谱" },
  papers: { en: "Notes and files", zh: "备注与附件" },
  log: { en: "What was done", zh: "处理记录" },
};

export default function Case() {
  const t = useWords(words);
  const may = useMay();
  const me = useSession().staff.id;
  const reason = useReason();
  const { case: id = "" } = useParams();
  const [at, setAt] = useState(0);
  const [chosen, setChosen] = useState<string[]>([]);
  const { data, error, refetch } = api.useQuery(
    "get",
    "/v1/cases/{case}",
    { params: { path: { case: id } } },
    { enabled: reason !== null },
  );
  if (error !== null) return <ProblemView problem={error} again={() => void refetch()} />;
  if (data === undefined) return <Skeleton active />;
  const { items = [] } = data;
  const item = items[at] ?? items[0];
  const facts = factsOf(item);
  const payer = String(facts.payer);
  return (
    <>
      <PageHead
        title={`${t.title} ${data.id.slice(-7)}`}
        about={
          <Flex wrap gap={10} align="center" style={{ marginTop: 6 }} data-case={data.state}>
            <StateTag state={data.grade} states={GRADE} />
            <StateTag state={data.state} states={CASE} />
            <strong className="sum">
              <Money minor={data.at_stake} currency={data.currency} />
            </strong>
            {data.count > 1 && <span>{t.of(data.count)}</span>}
            <Clock about={data} />
            {data.holder !== null && (
              <Typography.Text type="secondary">
                {t.holder} {data.holder === me ? t.me : <Id id={data.holder} />}
              </Typography.Text>
            )}
          </Flex>
        }
        actions={<CaseActs about={data} chosen={chosen} />}
      />
      {data.two_people && data.state !== "CLOSED" && <Alert type="info" showIcon title={t.two} style={{ marginBottom: 12 }} />}
      <Voices voices={data.voices} choices={data.choices} />
      <Items items={items} currency={data.currency} at={at} onAt={setAt} chosen={chosen} onChosen={setChosen} />
      <div className="case">
        <Card size="small" title={t.now}>
          <Facts facts={facts} />
        </Card>
        <div className="case-side">
          <Card size="small" title={t.history}>
            <History payer={payer} but={item.event} />
          </Card>
          {may("graph:read") && (
            <Card size="small" title={t.linked}>
              <Linked account={payer} neighbours={data.neighbours} />
            </Card>
          )}
          <Card size="small" title={t.papers}>
            <Papers about={data} />
          </Card>
          <Card size="small" title={t.log}>
            <Log acts={data.acts} />
          </Card>
        </div>
      </div>
    </>
  );
}
