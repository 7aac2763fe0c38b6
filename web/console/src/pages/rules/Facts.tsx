import { useWords } from "../../app/words";
import { PageHead } from "../../parts/PageHead";
import { FactTable } from "./FactTable";

const words = {
  title: { en: "Facts", zh: "特征目录" },
  about: {
    en: "What rules may read. A window is half-open in event time; amounts are in minor units (fen).",
    zh: "规则可读取的全部数据。窗口按事件时间、左开右闭；金额以分为单位。",
  },
};

export default function Facts() {
  const t = useWords(words);
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <FactTable />
    </>
  );
}
