// What staff have to see to, and saying that it is done.

import type { Schemas } from "@anfu/api";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { api, client, got } from "../../app/client";
import { clockNow } from "../../app/clock";
import { useMay } from "../../app/session";
import { useSay, useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { idColumn, momentColumn, stateColumn, textColumn, useOptions } from "../../parts/columns";
import { Choice, useFilters } from "../../parts/filters";
import { placeOf } from "../../parts/Id";
import { type Column, ListTable } from "../../parts/ListTable";
import { Ago } from "../../parts/Moment";
import { PageHead } from "../../parts/PageHead";
import type { States } from "../../parts/StateTag";
import { TASK } from "./names";

type Task = Schemas["TaskDocument"];

const DONE: States = {
  DUE: { look: "wait", en: "To do", zh: "待处理" },
  LATE: { look: "bad", en: "Overdue", zh: "已逾期" },
  DONE: { look: "good", en: "Done", zh: "已完成" },
};
const CHOICE = { false: { en: "To do", zh: "待处理" }, true: { en: "Done", zh: "已完成" } };
const NAMES = ["kind", "done"] as const;
const words = {
  title: { en: "Tasks", zh: "待办事项" },
  about: { en: "What has to be seen to by hand, and by when.", zh: "需人工处理的事项及其时限。" },
  empty: { en: "Nothing has to be seen to.", zh: "没有待办事项。" },
  kind: { en: "Kind", zh: "类型" },
  state: { en: "State", zh: "状态" },
  what: { en: "What to do", zh: "处理说明" },
  subject: { en: "About", zh: "对象" },
  due: { en: "Due", zh: "时限" },
  opened: { en: "Opened", zh: "创建时间" },
  note: { en: "What was done", zh: "处理结果" },
  finish: { en: "Done", zh: "办结" },
  missing: { en: "Write 4 to 500 characters", zh: "请填写 4 至 500 个字" },
};

function stateOf({ done_at, due_at }: Task): string {
  if (done_at !== null) return "DONE";
  return Date.parse(due_at) < clockNow() ? "LATE" : "DUE";
}

export default function Tasks() {
  const t = useWords(words);
  const say = useSay();
  const may = useMay();
  const filters = useFilters(NAMES);
  const kinds = useOptions(TASK);
  const done = useOptions(CHOICE);
  const columns: Column<Task>[] = [
    stateColumn("state", t.state, stateOf, DONE),
    textColumn("kind", t.kind, ({ kind }) => say(TASK[kind].en, TASK[kind].zh)),
    idColumn("subject", t.subject, ({ subject }) => subject),
    {
      key: "what",
      title: t.what,
      text: ({ title }) => say(title.en, title.zh),
      render: ({ title }) => <div style={{ minWidth: 260, maxWidth: 460 }}>{say(title.en, title.zh)}</div>,
    },
    { key: "due", title: t.due, text: ({ due_at }) => due_at, render: ({ due_at }) => <Ago at={due_at} /> },
    momentColumn("opened", t.opened, ({ opened_at }) => opened_at),
    textColumn("note", t.note, ({ note }) => note),
    {
      key: "act",
      title: "",
      text: () => null,
      render: (task) => task.done_at === null && may("tasks:write") && <Finish task={task} />,
    },
  ];
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <ListTable
        name={["/v1/tasks", filters.values]}
        read={(at) => got(client.GET("/v1/tasks", { params: { query: { ...at, ...(filters.values as object) } } }))}
        columns={columns}
        to={({ subject }) => placeOf(subject)}
        filters={
          <>
            <Choice filters={filters} name="done" label={t.state} options={done} />
            <Choice filters={filters} name="kind" label={t.kind} options={kinds} />
          </>
        }
        empty={t.empty}
        file="tasks"
      />
    </>
  );
}

function Finish({ task }: { task: Task }) {
  const t = useWords(words);
  const say = useSay();
  const [open, setOpen] = useState(false);
  const { run, busy } = useAct(api.useMutation("post", "/v1/tasks/{task}/done"));
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t.finish}
      </Button>
      <Ask<{ note: string }>
        title={say(task.title.en, task.title.zh)}
        open={open}
        busy={busy}
        onClose={() => setOpen(false)}
        onGive={(body) => run({ params: { path: { task: task.id } }, body }, () => setOpen(false))}
      >
        <Form.Item name="note" label={t.note} rules={[{ required: true, whitespace: true, min: 4, message: t.missing }]}>
          <Input.TextArea rows={3} maxLength={500} autoFocus />
        </Form.Item>
      </Ask>
    </>
  );
}
