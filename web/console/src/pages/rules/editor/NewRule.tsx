// The first draft of a rule.

import { useNavigate } from "react-router";
import { api } from "../../../app/client";
import { useWords } from "../../../app/words";
import { useAct } from "../../../parts/act";
import { EMPTY } from "./content";
import { Editor } from "./Editor";

const words = {
  title: { en: "New rule", zh: "新建规则" },
  about: { en: "A draft acts on nothing until two people have let it.", zh: "草稿须经两人批准后才会生效。" },
  saved: { en: "The draft is kept", zh: "草稿已保存" },
};

export default function NewRule() {
  const t = useWords(words);
  const go = useNavigate();
  const { run, busy } = useAct(api.useMutation("post", "/v1/rules"), t.saved);
  return (
    <Editor
      title={t.title}
      about={t.about}
      first={EMPTY}
      fixed={false}
      busy={busy}
      onSave={(body) => run({ body }, ({ id }) => void go(`/rules/${id}`))}
    />
  );
}
