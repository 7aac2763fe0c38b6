// Where a merchant's payers may be sent back to. Said by the institution's programs, not here.

import { Card, Flex, Tag, Typography } from "antd";
import { api } from "../../app/client";
import { useWords } from "../../app/words";
import { ProblemView } from "../../parts/ProblemView";

const words = {
  title: { en: "Return origins", zh: "返回来源" },
  none: { en: "None: payers stay on our page when they have paid.", zh: "未设置：付款后停留在收银台。" },
};

export function Origins({ merchant }: { merchant: string }) {
  const t = useWords(words);
  const { data, error } = api.useQuery("get", "/v1/merchants/{merchant}/return-origins", { params: { path: { merchant } } });
  if (error !== null) return <ProblemView problem={error} />;
  if (data === undefined) return null;
  return (
    <Card size="small" title={t.title} style={{ marginBottom: 16 }}>
      {data.origins.length === 0 && <Typography.Text type="secondary">{t.none}</Typography.Text>}
      <Flex gap={8} wrap>
        {data.origins.map((origin) => (
          <Tag key={origin}>{origin}</Tag>
        ))}
      </Flex>
    </Card>
  );
}
