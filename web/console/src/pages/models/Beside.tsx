// A model beside the champion, as it is now.

import { Alert, Skeleton } from "antd";
import { api } from "../../app/client";
import { useWords } from "../../app/words";
import { ProblemView } from "../../parts/ProblemView";
import { ComparisonView, type Weighed } from "./ComparisonView";

const words = {
  none: { en: "There is no champion of this role to compare with, or this is the champion.", zh: "没有可对比的现任模型，或本模型即为现任模型。" },
};

export function Beside({ model }: { model: string }) {
  const t = useWords(words);
  const { data, error } = api.useQuery("get", "/v1/models/{model}/comparison", { params: { path: { model } } });
  if (error !== null) return <ProblemView problem={error} />;
  if (data === undefined) return <Skeleton active />;
  if (data.result === null) return <Alert type="info" showIcon title={t.none} />;
  return <ComparisonView weighed={data.result as unknown as Weighed /* a free document */} />;
}
