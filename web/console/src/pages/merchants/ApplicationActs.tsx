// What can be done with an application, as it stands and by whom.

import type { Schemas } from "@anfu/api";
import { Button, DatePicker, Form, Input, Popconfirm } from "antd";
import type { Dayjs } from "dayjs";
import { useState } from "react";
import { api } from "../../app/client";
import { useMay, useSession } from "../../app/session";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { Rewrite } from "./Rewrite";

type Found = Schemas["ApplicationDocument"];
type Verb = "refuse" | "renew" | "suspend" | "resume" | "close";

const words = {
  submit: { en: "Submit", zh: "提交核验" },
  submitSure: { en: "The registries are asked, and another person decides.", zh: "将向登记机关核验，并由他人审批。" },
  approve: { en: "Approve", zh: "批准入网" },
  approveSure: { en: "The merchant can be paid at once.", zh: "批准后商户即可收款。" },
  refuse: { en: "Refuse", zh: "拒绝" },
  renew: { en: "Look again", zh: "复核" },
  suspend: { en: "Suspend", zh: "暂停" },
  resume: { en: "Lift the suspension", zh: "恢复" },
  close: { en: "Close for good", zh: "关闭" },
  reason: { en: "Reason", zh: "理由" },
  visited: { en: "Visited on (who is paid at a counter)", zh: "实地巡检日期（线下收款商户）" },
  until: { en: "The representative's document, where renewed, is good until", zh: "法定代表人证件续期后的有效期" },
  needed: { en: "Please fill this in", zh: "请填写" },
};

export function ApplicationActs({ application }: { application: Found }) {
  const t = useWords(words);
  const [asked, ask] = useState<Verb | null>(null);
  const { verbs, submit, approve } = useAllowed(application);
  return (
    <>
      {submit && <Rewrite application={application} />}
      {submit && <Plain application={application.id} verb="submit" sure={t.submitSure} />}
      {approve && <Plain application={application.id} verb="approve" sure={t.approveSure} />}
      {verbs.map((verb) => (
        <Button key={verb} danger={verb !== "resume" && verb !== "renew"} onClick={() => ask(verb)}>
          {t[verb]}
        </Button>
      ))}
      {asked !== null && <Reasoned application={application.id} verb={asked} onClose={() => ask(null)} />}
    </>
  );
}

/** Who wrote or submitted does not decide; who suspended does not resume, nor close. */
function useAllowed({ state, written_by, submitted_by, suspension }: Found) {
  const may = useMay();
  const me = useSession().staff.id;
  const write = may("applications:write");
  const other = me !== written_by && me !== submitted_by;
  const decide = may("proposals:write") && other;
  const lift = may("proposals:write") && suspension?.by !== me;
  const asked = state === "SUBMITTED" || state === "CHECKED";
  const allowed: Record<Verb, boolean> = {
    refuse: decide && asked,
    renew: write && (state === "APPROVED" || state === "SUSPENDED"),
    suspend: write && (state === "APPROVED" || (state === "SUSPENDED" && suspension === null)),
    resume: lift && suspension !== null,
    close: (decide && (asked || state === "DRAFT")) || (lift && other && state === "SUSPENDED"),
  };
  const verbs = (Object.keys(allowed) as Verb[]).filter((verb) => allowed[verb]);
  return { verbs, submit: write && state === "DRAFT", approve: decide && state === "CHECKED" };
}

function Plain({ application, verb, sure }: { application: string; verb: "submit" | "approve"; sure: string }) {
  const t = useWords(words);
  const { run, busy } = useAct(api.useMutation("post", `/v1/merchant-applications/{application}/${verb}`), t[verb]);
  return (
    <Popconfirm title={sure} onConfirm={() => run({ params: { path: { application } } })}>
      <Button type="primary" loading={busy}>
        {t[verb]}
      </Button>
    </Popconfirm>
  );
}

interface Given {
  reason: string;
  visited_on?: Dayjs | null;
  document_until?: Dayjs | null;
}

function Reasoned({ application, verb, onClose }: { application: string; verb: Verb; onClose: () => void }) {
  const t = useWords(words);
  const { run, busy } = useAct(api.useMutation("post", `/v1/merchant-applications/{application}/${verb}`), t[verb]);
  const day = (given: Dayjs | null | undefined) => given?.format("YYYY-MM-DD") ?? null;
  const give = ({ reason, visited_on, document_until }: Given) =>
    run(
      {
        params: { path: { application } },
        body: verb === "renew" ? { reason, visited_on: day(visited_on), document_until: day(document_until) } : { reason },
      },
      onClose,
    );
  return (
    <Ask<Given> title={t[verb]} open busy={busy} danger={verb === "close"} onClose={onClose} onGive={give}>
      <Form.Item name="reason" label={t.reason} rules={[{ required: true, whitespace: true, message: t.needed }]}>
        <Input.TextArea maxLength={200} rows={2} />
      </Form.Item>
      {verb === "renew" && (
        <>
          <Form.Item name="visited_on" label={t.visited}>
            <DatePicker style={{ width: "100%" }} />
          </Form.Item>
          <Form.Item name="document_until" label={t.until}>
            <DatePicker style={{ width: "100%" }} />
          </Form.Item>
        </>
      )}
    </Ask>
  );
}
