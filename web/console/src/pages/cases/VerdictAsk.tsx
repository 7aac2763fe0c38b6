// The verdict on a case with its reason: a digit chooses, Enter says it.

import { Form, Radio, Typography } from "antd";
import { useEffect, useRef } from "react";
import { api } from "../../app/client";
import { useSay, useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { decimalOf } from "../../parts/Money";
import type { Whole } from "./names";

export type Said = "RELEASE" | "REJECT";

const words = {
  RELEASE: { en: "Release", zh: "放行" },
  REJECT: { en: "Reject", zh: "拒绝" },
  done: { en: "Verdict taken", zh: "处置意见已提交" },
  reason: { en: "Reason", zh: "理由" },
  keys: { en: "A digit chooses, Enter says it.", zh: "按数字选择，回车提交。" },
  needed: { en: "Choose a reason", zh: "请选择理由" },
  two: { en: "A second person must confirm it.", zh: "须由第二人复核。" },
  of: { en: (count: number) => `${count} payments`, zh: (count: number) => `${count} 笔` },
};

interface VerdictProps {
  about: Whole;
  /** Decisions it is about; all that have none yet when empty. */
  chosen: string[];
  said: Said | null;
  onClose: () => void;
}

export function VerdictAsk({ about, chosen, said, onClose }: VerdictProps) {
  const t = useWords(words);
  const { run, busy } = useAct(api.useMutation("post", "/v1/cases/{case}/verdict"), t.done);
  const waiting = about.items?.filter(({ verdict, fate }) => verdict === null && fate === null) ?? [];
  const meant = chosen.length > 0 ? waiting.filter(({ decision }) => chosen.includes(decision)) : waiting;
  const sum = meant.reduce((total, { amount }) => total + amount, 0);
  const give = ({ reason }: { reason: string }) => {
    if (said === null) return;
    const decisions = chosen.length > 0 ? chosen : null;
    run(
      { params: { path: { case: about.id } }, body: { verdict: said, reason, revision: about.revision, decisions } },
      onClose,
    );
  };
  const verdict = said ?? "RELEASE";
  return (
    <Ask<{ reason: string }>
      title={`${t[verdict]}: ${about.currency} ${decimalOf(sum, about.currency)} · ${t.of(meant.length)}`}
      open={said !== null}
      danger={verdict === "REJECT"}
      busy={busy}
      onClose={onClose}
      onGive={give}
    >
      {about.two_people && <Typography.Paragraph>{t.two}</Typography.Paragraph>}
      <Reasons choices={about.choices?.[verdict] ?? []} />
      <Typography.Text type="secondary">{t.keys}</Typography.Text>
    </Ask>
  );
}

function Reasons({ choices }: { choices: { code: string; en: string; zh: string }[] }) {
  const t = useWords(words);
  const say = useSay();
  const form = Form.useFormInstance<{ reason: string }>();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const index = Number(event.key) - 1;
      if (choices[index] !== undefined) {
        form.setFieldValue("reason", choices[index].code);
        // Enter says it now, wherever the window had put the focus.
        place.current?.querySelectorAll("input")[index].focus();
      } else if (event.key === "Enter" && event.target instanceof HTMLInputElement) form.submit();
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [choices, form]);
  return (
    <div ref={place}>
      <Form.Item name="reason" label={t.reason} rules={[{ required: true, message: t.needed }]}>
        <Radio.Group
          vertical
          options={choices.map(({ code, en, zh }, index) => ({ value: code, label: `${index + 1}  ${say(en, zh)}` }))}
        />
      </Form.Item>
    </div>
  );
}
