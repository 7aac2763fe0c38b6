// Proposing to go back to a rule set that was in force.

import { Button, Form, Input } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api } from "../../../app/client";
import { useMay } from "../../../app/session";
import { useWords } from "../../../app/words";
import { Ask } from "../../../parts/Ask";
import { useAct } from "../../../parts/act";

const words = {
  back: { en: "Go back to it", zh: "提议恢复" },
  title: { en: (version: string) => `Propose to go back to ${version}`, zh: (version: string) => `提议恢复规则集 ${version}` },
  why: { en: "Why", zh: "理由" },
  needed: { en: "Say why; whoever decides reads it", zh: "请填写理由，供审批人参考" },
  sent: { en: "Proposed: a second person decides", zh: "已提议，待第二人决定" },
};

export function RestoreSet({ version }: { version: string }) {
  const t = useWords(words);
  const may = useMay();
  const go = useNavigate();
  const [open, setOpen] = useState(false);
  const { run, busy } = useAct(api.useMutation("post", "/v1/rule_sets/{version}/restore"), t.sent);
  if (!may("rules:write")) return null;
  return (
    <>
      <Button type="link" size="small" onClick={() => setOpen(true)}>
        {t.back}
      </Button>
      <Ask<{ why: string }>
        title={t.title(version)}
        open={open}
        busy={busy}
        onGive={(body) => run({ params: { path: { version } }, body }, ({ id }) => void go(`/proposals/${id}`))}
        onClose={() => setOpen(false)}
      >
        <Form.Item name="why" label={t.why} rules={[{ required: true, whitespace: true, message: t.needed }]}>
          <Input.TextArea autoFocus maxLength={200} rows={3} />
        </Form.Item>
      </Ask>
    </>
  );
}
