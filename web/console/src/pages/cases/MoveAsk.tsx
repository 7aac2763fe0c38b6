// A case goes to somebody else, back into a queue, or is opened again.

import { Form, Input, Select } from "antd";
import { api } from "../../app/client";
import { useColleagues } from "../../app/colleagues";
import { useSession } from "../../app/session";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import type { Whole } from "./names";

export type Move = "back" | "assign" | "reopen";

const words = {
  back: { en: "Give back", zh: "退回队列" },
  assign: { en: "Assign", zh: "分派" },
  reopen: { en: "Open again", zh: "重新打开" },
  queue: { en: "Queue", zh: "队列" },
  to: { en: "Colleague", zh: "同事" },
  text: { en: "Why", zh: "原因" },
  needed: { en: "Please fill this in", zh: "请填写" },
};

export function MoveAsk({ about, move, onClose }: { about: Whole; move: Move | null; onClose: () => void }) {
  const t = useWords(words);
  const params = { path: { case: about.id } };
  const back = useAct(api.useMutation("post", "/v1/cases/{case}/give-back"));
  const assign = useAct(api.useMutation("post", "/v1/cases/{case}/assign"));
  const reopen = useAct(api.useMutation("post", "/v1/cases/{case}/reopen"));
  const shown = move ?? "back";
  const give = ({ value }: { value: string }) => {
    if (move === "back") back.run({ params, body: { queue: value } }, onClose);
    else if (move === "assign") assign.run({ params, body: { to: value } }, onClose);
    else reopen.run({ params, body: { text: value } }, onClose);
  };
  const label = { back: t.queue, assign: t.to, reopen: t.text }[shown];
  return (
    <Ask<{ value: string }>
      key={shown}
      title={t[shown]}
      open={move !== null}
      busy={back.busy || assign.busy || reopen.busy}
      first={{ value: move === "back" ? about.queue : "" }}
      onClose={onClose}
      onGive={give}
    >
      <Form.Item name="value" label={label} rules={[{ required: true, whitespace: true, message: t.needed }]}>
        {move === "assign" ? <Colleagues /> : <Input autoFocus maxLength={2000} />}
      </Form.Item>
    </Ask>
  );
}

// What a form gives its field goes through.
function Colleagues(field: { id?: string; value?: string; onChange?: (id: string) => void }) {
  const me = useSession().staff.id;
  const others = [...(useColleagues()?.values() ?? [])].filter(({ id, state }) => id !== me && state === "ACTIVE");
  return (
    <Select
      {...field}
      autoFocus
      showSearch={{ optionFilterProp: "label" }}
      value={field.value || undefined}
      options={others.map(({ id, login, name }) => ({ value: id, label: `${login} · ${name}` }))}
    />
  );
}
