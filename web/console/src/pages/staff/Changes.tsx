// Changes of accounts that one administrator proposed and another decides on.

import type { Schemas } from "@anfu/api";
import { Button, Flex, Popconfirm, Typography } from "antd";
import { api, client, got } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useMay, useSession } from "../../app/session";
import { useWords } from "../../app/words";
import { useAct } from "../../parts/act";
import { Choice, useFilters } from "../../parts/filters";
import { Id } from "../../parts/Id";
import { type Column, ListTable } from "../../parts/ListTable";
import { Moment } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";
import { StateTag } from "../../parts/StateTag";
import { PROPOSAL } from "./names";

type Proposal = Schemas["ProposalDocument"];

const NAMES = ["state"] as const;
const words = {
  title: { en: "Changes proposed", zh: "账户变更审批" },
  about: {
    en: "Nobody decides on what he proposed, nor on his own account.",
    zh: "提议人不得审批本人提议，也不得审批本人账户的变更。",
  },
  account: { en: "Account", zh: "账户" },
  change: { en: "Change", zh: "变更" },
  author: { en: "Proposed by", zh: "提议人" },
  at: { en: "Proposed", zh: "提议时间" },
  state: { en: "State", zh: "状态" },
  decided: { en: "Decided by", zh: "决定人" },
  approve: { en: "Approve", zh: "批准" },
  reject: { en: "Turn down", zh: "否决" },
  withdraw: { en: "Withdraw", zh: "撤回" },
  sure: { en: "Are you sure?", zh: "确定吗？" },
};

export default function Changes() {
  const t = useWords(words);
  const { language } = usePreferences();
  const filters = useFilters(NAMES);
  const columns: Column<Proposal>[] = [
    { key: "target", title: t.account, text: ({ target }) => target, render: ({ target }) => <Id id={target} /> },
    {
      key: "change",
      title: t.change,
      text: ({ change }) => JSON.stringify(change),
      render: ({ change }) => <Typography.Text className="mono">{told(change)}</Typography.Text>,
    },
    { key: "author", title: t.author, text: ({ author }) => author, render: ({ author }) => <Id id={author} /> },
    { key: "at", title: t.at, text: ({ created_at }) => created_at, render: ({ created_at }) => <Moment at={created_at} /> },
    { key: "state", title: t.state, text: ({ state }) => state, render: ({ state }) => <StateTag state={state} states={PROPOSAL} /> },
    { key: "decided", title: t.decided, text: ({ decided_by }) => decided_by, render: ({ decided_by }) => <Id id={decided_by} /> },
    { key: "act", title: "", text: () => null, render: (proposal) => <Decide proposal={proposal} /> },
  ];
  const options = Object.entries(PROPOSAL).map(([value, label]) => ({ value, label: label[language] }));
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <ListTable
        name={["/v1/staff_changes", filters.values]}
        read={(at) =>
          got(client.GET("/v1/staff_changes", { params: { query: { ...at, ...(filters.values as { state?: "OPEN" }) } } }))
        }
        columns={columns}
        filters={<Choice filters={filters} name="state" label={t.state} options={options} />}
        file="staff-changes"
      />
    </>
  );
}

function told(change: object): string {
  return Object.entries(change)
    .filter(([, value]) => value !== null && String(value) !== "")
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join(" · ");
}

function Decide({ proposal }: { proposal: Proposal }) {
  const t = useWords(words);
  const may = useMay();
  const me = useSession().staff.id;
  const approve = useAct(api.useMutation("post", "/v1/staff_changes/{proposal}/approve"), t.approve);
  const reject = useAct(api.useMutation("post", "/v1/staff_changes/{proposal}/reject"), t.reject);
  const withdraw = useAct(api.useMutation("post", "/v1/staff_changes/{proposal}/withdraw"), t.withdraw);
  const given = { params: { path: { proposal: proposal.id } }, body: {} };
  if (proposal.state !== "OPEN" || !may("staff:write")) return null;
  if (proposal.author === me)
    return (
      <Button size="small" loading={withdraw.busy} onClick={() => withdraw.run(given)}>
        {t.withdraw}
      </Button>
    );
  if (proposal.target === me) return null;
  return (
    <Flex gap={6}>
      <Popconfirm title={t.sure} onConfirm={() => approve.run(given)}>
        <Button size="small" type="primary" loading={approve.busy}>
          {t.approve}
        </Button>
      </Popconfirm>
      <Popconfirm title={t.sure} onConfirm={() => reject.run(given)}>
        <Button size="small" danger loading={reject.busy}>
          {t.reject}
        </Button>
      </Popconfirm>
    </Flex>
  );
}
