// One list: what it is, what stands on it, what changed.

import type { Schemas } from "@anfu/api";
import { Alert, Card, Descriptions, Flex, Skeleton, Tabs, Tag } from "antd";
import { Link, useParams } from "react-router";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useSay, useWords } from "../../app/words";
import { Moment } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";
import { ProblemView } from "../../parts/ProblemView";
import { GRADE, StateTag } from "../../parts/StateTag";
import { Entries } from "./Entries";
import { History } from "./History";
import { ListActs } from "./ListActs";
import { FORM, KIND } from "./names";

const words = {
  inputs: { en: "Matched with", zh: "匹配字段" },
  form: { en: "How", zh: "匹配方式" },
  hit: { en: "A hit gives", zh: "命中后果" },
  excuses: { en: "Keeps from firing", zh: "不触发的规则" },
  source: { en: "Source", zh: "来源" },
  owner: { en: "Owner", zh: "负责方" },
  entries: { en: "Entries", zh: "条目" },
  history: { en: "Changes", zh: "变更历史" },
  feed: { en: "Its feed was last asked", zh: "数据源最近一次获取" },
  waits: { en: "What the feed said waits for a person", zh: "数据源更新待人工决定" },
};

export default function List() {
  const t = useWords(words);
  const say = useSay();
  const { language } = usePreferences();
  const { list = "" } = useParams();
  const { data, error, refetch } = api.useQuery("get", "/v1/lists/{list}", { params: { path: { list } } });
  if (error !== null) return <ProblemView problem={error} again={() => void refetch()} />;
  if (data === undefined) return <Skeleton active />;
  return (
    <>
      <PageHead title={data.name} about={<><StateTag state={data.kind} states={KIND} /> {say(data.en, data.zh)}</>} actions={<ListActs list={data} />} />
      {data.fed && <Fed fed={data.fed} />}
      <Card size="small" style={{ marginBottom: 16 }}>
        <Descriptions
          size="small"
          column={{ xs: 1, md: 2, xl: 3 }}
          items={[
            { key: "inputs", label: t.inputs, children: <Flex gap={4}>{data.inputs.map((input) => <Tag key={input}>{input}</Tag>)}</Flex> },
            { key: "form", label: t.form, children: FORM[data.form][language] },
            data.kind === "WHITE"
              ? { key: "excuses", label: t.excuses, children: data.excuses.join(", ") || "—" }
              : { key: "hit", label: t.hit, children: <span><StateTag state={data.grade} states={GRADE} /> +{data.points} <span className="mono">{data.reason}</span></span> },
            { key: "source", label: t.source, children: data.source },
            { key: "owner", label: t.owner, children: data.owner },
          ]}
        />
      </Card>
      <Card size="small">
        <Tabs
          destroyOnHidden
          items={[
            { key: "entries", label: `${t.entries} (${data.entries.toLocaleString("en")})`, children: <Entries list={data} /> },
            { key: "history", label: t.history, children: <History list={data.name} /> },
          ]}
        />
      </Card>
    </>
  );
}

function Fed({ fed }: { fed: NonNullable<Schemas["ListDocument"]["fed"]> }) {
  const t = useWords(words);
  return (
    <Alert
      type={fed.problem === null ? "info" : "warning"}
      showIcon
      title={<>{t.feed} <Moment at={fed.asked_at} />{fed.problem !== null && ` · ${fed.problem}`}</>}
      action={fed.proposal !== null && <Link to={`/proposals/${fed.proposal}`}>{t.waits}</Link>}
      style={{ marginBottom: 16 }}
    />
  );
}
