// Everything of ours that is called as one has typed.

import type { Schemas } from "@anfu/api";
import { Empty, Flex, Table, type TableColumnsType, Tag } from "antd";
import { Navigate, useSearchParams } from "react-router";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useReason } from "../../app/reason";
import { useWords } from "../../app/words";
import { Id, placeOf } from "../../parts/Id";
import { PageHead } from "../../parts/PageHead";
import { ProblemView } from "../../parts/ProblemView";
import { reachable } from "../../parts/reachable";

type Hit = Schemas["HitDocument"];

const KINDS: Record<Hit["kind"], { en: string; zh: string }> = {
  case: { en: "Case", zh: "案件" },
  customer: { en: "Customer", zh: "客户" },
  decision: { en: "Decision", zh: "决策" },
  device: { en: "Device", zh: "设备" },
  firm: { en: "Firm", zh: "企业" },
  merchant: { en: "Merchant", zh: "商户" },
  payment: { en: "Payment", zh: "支付" },
  refund: { en: "Refund", zh: "退款" },
};
const BY: Record<Hit["by"], { en: string; zh: string }> = {
  document: { en: "document", zh: "证件号" },
  id: { en: "id", zh: "编号" },
  name: { en: "name", zh: "名称" },
  order: { en: "order number", zh: "订单号" },
  phone: { en: "phone", zh: "手机号" },
};

const words = {
  title: { en: (q: string) => `Search: ${q}`, zh: (q: string) => `搜索：${q}` },
  about: {
    en: "Ids, order numbers, phones and documents are found whole; merchants by a part of their name.",
    zh: "编号、订单号、手机号、证件号须完整输入；商户可按名称片段查找。",
  },
  none: { en: "Nothing of ours is called so, or your role does not read it.", zh: "未找到，或您的角色无权查看。" },
  kind: { en: "What", zh: "类型" },
  name: { en: "Title", zh: "名称" },
  by: { en: "Found by", zh: "匹配项" },
  more: { en: "There is more: type more of it.", zh: "还有更多结果，请输入更完整的内容。" },
};

export default function Found() {
  const t = useWords(words);
  const { language } = usePreferences();
  const q = useSearchParams()[0].get("q") ?? "";
  const reason = useReason();
  const { data, error, isPending } = api.useQuery(
    "get",
    "/v1/search",
    { params: { query: { q } } },
    { enabled: reason !== null && q.length > 1 },
  );
  const only = data?.data.length === 1 ? placeOf(data.data[0].id) : null;
  if (only !== null) return <Navigate to={only} replace />;
  const columns: TableColumnsType<Hit> = [
    { title: t.kind, dataIndex: "kind", render: (kind: Hit["kind"]) => <Tag>{KINDS[kind][language]}</Tag> },
    { title: t.name, dataIndex: "title" },
    { title: "ID", dataIndex: "id", render: (id: string) => <Id id={id} /> },
    { title: t.by, dataIndex: "by", render: (by: Hit["by"]) => BY[by][language] },
  ];
  return (
    <>
      <PageHead title={t.title(q)} about={t.about} />
      {error !== null && <ProblemView problem={error} />}
      <Table
        ref={reachable}
        rowKey="id"
        size="middle"
        columns={columns}
        dataSource={data?.data ?? []}
        loading={isPending && q.length > 1}
        pagination={false}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: <Empty description={t.none} /> }}
      />
      {data?.more && <Flex justify="center">{t.more}</Flex>}
    </>
  );
}
