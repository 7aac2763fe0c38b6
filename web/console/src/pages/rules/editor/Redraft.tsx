// The next draft of a rule, from the newest one.

import { Skeleton } from "antd";
import { useNavigate, useParams } from "react-router";
import { api } from "../../../app/client";
import { useWords } from "../../../app/words";
import { useAct } from "../../../parts/act";
import { ProblemView } from "../../../parts/ProblemView";
import { contentOf } from "./content";
import { Editor } from "./Editor";

const words = {
  title: { en: (id: string) => `New draft of ${id}`, zh: (id: string) => `${id} 的新草稿` },
  about: {
    en: "What is in force stays as it is. A new draft is watched before it can act.",
    zh: "已生效内容不变；新草稿须先影子运行，方可生效。",
  },
  saved: { en: "The draft is kept", zh: "草稿已保存" },
};

export default function Redraft() {
  const t = useWords(words);
  const go = useNavigate();
  const { rule = "" } = useParams();
  const params = { path: { rule } };
  // Read once: what is written here is written from what was there then.
  const { data, error } = api.useQuery("get", "/v1/rules/{rule}", { params }, { staleTime: Number.POSITIVE_INFINITY });
  const { run, busy } = useAct(api.useMutation("post", "/v1/rules/{rule}/drafts"), t.saved);
  if (error !== null) return <ProblemView problem={error} />;
  if (data === undefined) return <Skeleton active />;
  return (
    <Editor
      title={t.title(rule)}
      about={t.about}
      first={contentOf(data.draft ?? data, rule)}
      fixed
      busy={busy}
      onSave={(content) =>
        run({ params, body: { ...content, replaces: data.draft?.version ?? 0 } }, () => void go(`/rules/${rule}`))
      }
    />
  );
}
