// What a rule set says otherwise than another.

import { Skeleton } from "antd";
import { useParams } from "react-router";
import { api } from "../../../app/client";
import { useWords } from "../../../app/words";
import { PageHead } from "../../../parts/PageHead";
import { ProblemView } from "../../../parts/ProblemView";
import { SetChange } from "./SetChange";

const words = { title: { en: "Difference of two rule sets", zh: "规则集差异" } };

export default function Compare() {
  const t = useWords(words);
  const { before = "", after = "" } = useParams();
  const { data, error } = api.useQuery("get", "/v1/rule_sets/{version}/difference/{other}", { params: { path: { version: before, other: after } } });
  if (error !== null) return <ProblemView problem={error} />;
  if (data === undefined) return <Skeleton active />;
  return (
    <>
      <PageHead title={t.title} about={<span className="mono">{`${before} → ${after}`}</span>} />
      <SetChange rules={data.rules} policy={data.policy} />
    </>
  );
}
