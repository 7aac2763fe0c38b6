// Approve or turn down what somebody else proposed; take back one's own.

import type { Schemas } from "@anfu/api";
import { Button, Form, Input, Typography } from "antd";
import { useState } from "react";
import { api } from "../../app/client";
import { useMay, useSession } from "../../app/session";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { DECIDED } from "./names";

type How = "approve" | "reject" | "withdraw";

const words = {
  approve: { en: "Approve", zh: "批准" },
  reject: { en: "Turn down", zh: "否决" },
  withdraw: { en: "Withdraw", zh: "撤回" },
  approved: { en: "Approved: it is in force", zh: "已批准并生效" },
  rejected: { en: "Turned down", zh: "已否决" },
  withdrawn: { en: "Withdrawn", zh: "已撤回" },
  note: { en: "Note", zh: "意见" },
  needed: { en: "Say why", zh: "请填写意见" },
  about: { en: "Its digest is kept in the evidence.", zh: "意见以摘要形式存证。" },
  own: { en: "You proposed it: somebody else decides.", zh: "您是提议人，须由他人决定。" },
};

interface DecideProps {
  proposal: Schemas["ProposalDocument"];
  missing: string[];
}

export function Decide({ proposal, missing }: DecideProps) {
  const t = useWords(words);
  const may = useMay();
  const mine = proposal.author === useSession().staff.id;
  const [how, setHow] = useState<How | null>(null);
  const approve = useAct(api.useMutation("post", "/v1/proposals/{proposal}/approve"), t.approved);
  const reject = useAct(api.useMutation("post", "/v1/proposals/{proposal}/reject"), t.rejected);
  const withdraw = useAct(api.useMutation("post", "/v1/proposals/{proposal}/withdraw"), t.withdrawn);
  const acts = { approve, reject, withdraw };
  if (proposal.state !== "OPEN" || !DECIDED.has(proposal.subject)) return null;
  if (!may("proposals:write")) return mine ? <Typography.Text type="secondary">{t.own}</Typography.Text> : null;
  const give = ({ note }: { note?: string }) =>
    how !== null && acts[how].run({ params: { path: { proposal: proposal.id } }, body: { note: note ?? null } }, () => setHow(null));
  return (
    <>
      {mine ? (
        <Button onClick={() => setHow("withdraw")}>{t.withdraw}</Button>
      ) : (
        <>
          <Button danger onClick={() => setHow("reject")}>
            {t.reject}
          </Button>
          <Button type="primary" disabled={missing.length > 0} onClick={() => setHow("approve")}>
            {t.approve}
          </Button>
        </>
      )}
      <Ask<{ note?: string }>
        title={how === null ? "" : t[how]}
        open={how !== null}
        busy={approve.busy || reject.busy || withdraw.busy}
        onGive={give}
        onClose={() => setHow(null)}
        danger={how === "reject"}
      >
        <Form.Item name="note" label={t.note} extra={t.about} rules={how === "reject" ? [{ required: true, whitespace: true, message: t.needed }] : []}>
          <Input.TextArea autoFocus rows={3} maxLength={500} />
        </Form.Item>
      </Ask>
    </>
  );
}
