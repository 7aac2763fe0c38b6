// What can be proposed about a rule, as far as it fits where the rule stands.

import type { Schemas } from "@anfu/api";
import { DownOutlined, EditOutlined, ExperimentOutlined } from "@ant-design/icons";
import { Button, Dropdown, Form, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { api } from "../../app/client";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { StartBacktest } from "./backtests/StartBacktest";
import { contentOf } from "./editor/content";

type Rule = Schemas["RuleDocument"];
type To = "shadow" | "live" | "retire";

const words = {
  edit: { en: "New draft", zh: "新草稿" },
  test: { en: "Back-test", zh: "回测" },
  propose: { en: "Propose", zh: "提议" },
  shadow: { en: "Watch on live traffic", zh: "影子运行" },
  pull: { en: "Pull back to watching", zh: "撤回至影子运行" },
  live: { en: "Let it act", zh: "生效" },
  retire: { en: "Retire", zh: "停用" },
  why: { en: "Why", zh: "理由" },
  needed: { en: "Say why; whoever decides reads it", zh: "请填写理由，供审批人参考" },
  rollout: { en: "Share of payers, %", zh: "生效的付款人占比 %" },
  replaces: { en: "Retires with it", zh: "同时停用" },
  sent: { en: "Proposed: a second person decides", zh: "已提议，待第二人决定" },
};

interface Given {
  why: string;
  rollout?: number;
  replaces?: string;
}

export function RuleActs({ rule }: { rule: Rule }) {
  const t = useWords(words);
  const may = useMay();
  const go = useNavigate();
  const [to, setTo] = useState<To | null>(null);
  const [testing, setTesting] = useState(false);
  const shadow = useAct(api.useMutation("post", "/v1/rules/{rule}/shadow"), t.sent);
  const live = useAct(api.useMutation("post", "/v1/rules/{rule}/live"), t.sent);
  const retire = useAct(api.useMutation("post", "/v1/rules/{rule}/retire"), t.sent);
  const params = { path: { rule: rule.id } };
  const open = ({ id }: Schemas["ProposalDocument"]) => {
    setTo(null);
    void go(`/proposals/${id}`);
  };
  const send = ({ why, rollout, replaces }: Given) => {
    if (to === "live") live.run({ params, body: { why, rollout: rollout ?? 100, replaces: replaces ?? null } }, open);
    else if (to === "shadow") shadow.run({ params, body: { why } }, open);
    else retire.run({ params, body: { why } }, open);
  };
  const items = movesOf(rule).map((key) => ({ key, label: key === "shadow" && rule.state === "LIVE" ? t.pull : t[key] }));
  return (
    <>
      {may("rules:write") && (
        <Link to={`/rule-drafts/${rule.id}`}>
          <Button icon={<EditOutlined />}>{t.edit}</Button>
        </Link>
      )}
      {may("backtests:write") && (
        <Button icon={<ExperimentOutlined />} onClick={() => setTesting(true)}>
          {t.test}
        </Button>
      )}
      {may("rules:write") && (
        <Dropdown menu={{ items, onClick: ({ key }) => setTo(key as To) }} trigger={["click"]}>
          <Button type="primary" icon={<DownOutlined />} iconPlacement="end">
            {t.propose}
          </Button>
        </Dropdown>
      )}
      <Ask<Given>
        title={`${t.propose}: ${to === null ? "" : t[to]}`}
        open={to !== null}
        busy={shadow.busy || live.busy || retire.busy}
        onGive={send}
        onClose={() => setTo(null)}
        first={{ rollout: 100 }}
        danger={to === "retire"}
      >
        <Form.Item name="why" label={t.why} rules={[{ required: true, whitespace: true, message: t.needed }]}>
          <Input.TextArea autoFocus maxLength={200} rows={3} />
        </Form.Item>
        {to === "live" && <LiveFields rule={rule.id} />}
      </Ask>
      <StartBacktest open={testing} onClose={() => setTesting(false)} wish={{ rules: [contentOf(rule.draft ?? rule, rule.id)] }} />
    </>
  );
}

/** Where the rule may go from where it stands. */
function movesOf({ state, draft, condition }: Rule): To[] {
  if (state === "DRAFT" || state === "RETIRED") return ["shadow"];
  if (state === "LIVE") return ["live", "shadow", "retire"];
  return draft !== null && draft.condition !== condition ? ["shadow", "live", "retire"] : ["live", "retire"];
}

function LiveFields({ rule }: { rule: string }) {
  const t = useWords(words);
  const { data } = api.useQuery("get", "/v1/rules", { params: { query: { state: "LIVE", limit: 100 } } });
  const options = (data?.data ?? []).filter(({ id }) => id !== rule).map(({ id }) => ({ value: id, label: id }));
  return (
    <>
      <Form.Item name="rollout" label={t.rollout}>
        <InputNumber min={1} max={100} precision={0} style={{ width: 140 }} />
      </Form.Item>
      <Form.Item name="replaces" label={t.replaces}>
        <Select allowClear showSearch options={options} />
      </Form.Item>
    </>
  );
}
