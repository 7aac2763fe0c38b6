// Proposing where a model shall stand.

import type { Schemas } from "@anfu/api";
import { DownOutlined } from "@ant-design/icons";
import { Button, Dropdown, Form, InputNumber } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api } from "../../app/client";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";

type State = Schemas["ModelDocument"]["state"];

const words = {
  propose: { en: "Propose", zh: "提议" },
  CHALLENGER: { en: "Challenger: score and be compared", zh: "设为挑战模型：评分并对比" },
  CHAMPION: { en: "Champion: score for decisions", zh: "设为现任模型：用于决策" },
  RETIRED: { en: "Retire", zh: "停用" },
  CANDIDATE: { en: "Candidate", zh: "候选模型" },
  delay: { en: "Days until labels are in", zh: "标签成熟天数" },
  about: { en: "Younger decisions are not compared.", zh: "更晚的决策不参与对比。" },
  sent: { en: "Proposed: a second person decides", zh: "已提议，待第二人决定" },
};
// Where a model may go (risk/models/model.py).
const MOVES: Record<State, State[]> = {
  CANDIDATE: ["CHALLENGER", "CHAMPION", "RETIRED"],
  CHALLENGER: ["CHAMPION", "RETIRED"],
  CHAMPION: ["CHALLENGER", "RETIRED"],
  RETIRED: ["CHALLENGER"],
};

export function MoveModel({ model }: { model: Schemas["ModelDocument"] }) {
  const t = useWords(words);
  const may = useMay();
  const go = useNavigate();
  const [to, setTo] = useState<State | null>(null);
  const { run, busy } = useAct(api.useMutation("post", "/v1/models/{model}/moves"), t.sent);
  if (!may("models:write")) return null;
  const give = ({ delay }: { delay: number }) =>
    to !== null &&
    run({ params: { path: { model: model.id } }, body: { to, label_delay_days: delay } }, ({ id }) => void go(`/proposals/${id}`));
  return (
    <>
      <Dropdown menu={{ items: MOVES[model.state].map((key) => ({ key, label: t[key] })), onClick: ({ key }) => setTo(key as State) }} trigger={["click"]}>
        <Button type="primary" icon={<DownOutlined />} iconPlacement="end">
          {t.propose}
        </Button>
      </Dropdown>
      <Ask<{ delay: number }>
        title={to === null ? "" : `${t.propose}: ${t[to]}`}
        open={to !== null}
        busy={busy}
        onGive={give}
        onClose={() => setTo(null)}
        first={{ delay: 7 }}
        danger={to === "RETIRED"}
      >
        <Form.Item name="delay" label={t.delay} extra={t.about}>
          <InputNumber min={0} max={365} precision={0} style={{ width: 140 }} />
        </Form.Item>
      </Ask>
    </>
  );
}
