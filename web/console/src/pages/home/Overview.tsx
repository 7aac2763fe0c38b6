import { PageHead } from "../../parts/PageHead";
import { useWords } from "../../app/words";

const words = { title: { en: "Overview", zh: "总览" } };

export default function Overview() {
  const t = useWords(words);
  return <PageHead title={t.title} />;
}
