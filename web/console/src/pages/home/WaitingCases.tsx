// What waits for a person, by grade and age.

import type { Schemas } from "@anfu/api";
import { Alert, Empty } from "antd";
import { Link } from "react-router";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { type Cell, FewRows } from "../../parts/FewRows";
import { GRADE, StateTag } from "../../parts/StateTag";

const words = {
  none: { en: "No case waits.", zh: "没有待处理案件。" },
  late: { en: (count: number) => `${count} without the first response that was due`, zh: (count: number) => `${count} 件已超首次响应时限` },
  queue: { en: "To the queue", zh: "前往案件队列" },
  queued: { en: "Open cases by grade and age", zh: "按等级与时长的待处理案件" },
  grade: { en: "Grade", zh: "等级" },
  older: { en: "older", zh: "更久" },
};

function age(seconds: number | null, older: string): string {
  if (seconds === null) return older;
  return seconds < 3_600 ? `≤ ${seconds / 60} min` : seconds < 86_400 ? `≤ ${seconds / 3_600} h` : `≤ ${seconds / 86_400} d`;
}

export function WaitingCases({ cases }: { cases: Schemas["WaitingCasesDocument"] }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const counts = cases.open.filter(({ count }) => count > 0);
  if (counts.length === 0) return <Empty description={t.none} image={Empty.PRESENTED_IMAGE_SIMPLE} />;
  const ages = [...new Set(cases.open.map(({ age_s }) => age_s))];
  const grades = [...new Set(counts.map(({ grade }) => grade))];
  const rows = grades.map((grade) => ({ grade, of: new Map(counts.filter((c) => c.grade === grade).map((c) => [c.age_s, c.count])) }));
  const cells: Cell<(typeof rows)[number]>[] = [
    { title: t.grade, show: ({ grade }) => <StateTag state={grade} states={GRADE} /> },
    ...ages.map((one) => ({
      title: age(one ?? null, t.older),
      number: true,
      show: (row: (typeof rows)[number]) => row.of.get(one) ?? 0,
    })),
  ];
  return (
    <>
      {cases.late > 0 && <Alert type="warning" showIcon title={t.late(cases.late)} style={{ marginBottom: 8 }} />}
      <FewRows label={t.queued} cells={cells} rows={rows} of={({ grade }) => grade} />
      <Link to="/cases" lang={language} style={{ display: "inline-block", marginTop: 8 }}>
        {t.queue}
      </Link>
    </>
  );
}
