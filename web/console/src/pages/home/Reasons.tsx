// Why payments were asked about, stopped or not done, most frequent first.

import type { Schemas } from "@anfu/api";
import { Empty, Typography } from "antd";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";

const words = { none: { en: "Nothing was stopped.", zh: "暂无拦截或失败。" } };

export function Reasons({ reasons }: { reasons: Schemas["WhyDocument"][] }) {
  const t = useWords(words);
  const { language } = usePreferences();
  const most = Math.max(1, ...reasons.map(({ count }) => count));
  if (reasons.length === 0) return <Empty description={t.none} image={Empty.PRESENTED_IMAGE_SIMPLE} />;
  return (
    <>
      {reasons.map(({ kind, code, count, text }) => (
        <div key={`${kind} ${code}`} style={{ marginBottom: 10 }}>
          <div className="figure">
            <Typography.Text title={code}>{text[language]}</Typography.Text>
            <span className="number">{count}</span>
          </div>
          <div className="bar" style={{ width: `${(100 * count) / most}%` }} />
        </div>
      ))}
    </>
  );
}
