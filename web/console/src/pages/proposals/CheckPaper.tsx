// What the static checks said when it was proposed.

import type { Schemas } from "@anfu/api";
import { Alert } from "antd";
import { useWords } from "../../app/words";
import { Remarks } from "../rules/Remarks";

const words = { good: { en: "Nothing to object to.", zh: "检查通过，没有问题。" } };

export function CheckPaper({ remarks }: { remarks: Schemas["RemarkDocument"][] }) {
  const t = useWords(words);
  return remarks.length === 0 ? <Alert type="success" showIcon title={t.good} /> : <Remarks remarks={remarks} />;
}
