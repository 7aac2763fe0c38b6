// The drafts of a rule, and what one says otherwise than another.

import type { Schemas } from "@anfu/api";
import { Empty, Flex, Select, Typography } from "antd";
import { useState } from "react";
import { useWords } from "../../app/words";
import { Id } from "../../parts/Id";
import { useMoment } from "../../parts/Moment";
import { RuleChange } from "./RuleChange";

const words = {
  none: { en: "It came with Anfu; nobody has rewritten it.", zh: "随系统发布，尚无人改写。" },
  force: { en: "as it stands", zh: "当前内容" },
  version: { en: "draft", zh: "草稿" },
  before: { en: "Compare", zh: "对比" },
  after: { en: "with", zh: "与" },
  by: { en: "Written by", zh: "撰写人" },
};

export function Drafts({ rule }: { rule: Schemas["RuleDocument"] }) {
  const t = useWords(words);
  const write = useMoment();
  const drafts = rule.drafts ?? [];
  const [before, setBefore] = useState(drafts[1]?.version ?? 0);
  const [after, setAfter] = useState(drafts[0]?.version ?? 0);
  if (drafts.length === 0) return <Empty description={t.none} />;
  const find = (version: number) => drafts.find((draft) => draft.version === version) ?? rule;
  const options = [
    { value: 0, label: t.force },
    ...drafts.map(({ version, created_at }) => ({ value: version, label: `${t.version} ${version} · ${write(created_at)}` })),
  ];
  const newest = drafts.find(({ version }) => version === after);
  return (
    <Flex vertical gap={12}>
      <Flex wrap gap={8} align="center">
        {t.before}
        <Select aria-label={t.before} options={options} value={before} onChange={setBefore} popupMatchSelectWidth={false} style={{ minWidth: 200 }} />
        {t.after}
        <Select aria-label={t.after} options={options} value={after} onChange={setAfter} popupMatchSelectWidth={false} style={{ minWidth: 200 }} />
        {newest !== undefined && (
          <Typography.Text type="secondary">
            {t.by} <Id id={newest.author} />
          </Typography.Text>
        )}
      </Flex>
      <RuleChange before={says(find(before))} after={says(find(after))} />
    </Flex>
  );
}

/** What it says, apart from where it stands. */
function says({ condition, grade, points, reason, en, zh, outcome, purpose, typology }: Schemas["RuleDocument"] | Schemas["DraftDocument"]) {
  return { condition, grade, points, reason, en, zh, outcome, purpose, typology };
}
