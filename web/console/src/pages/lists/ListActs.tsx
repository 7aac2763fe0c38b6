// Putting values onto a list, one or a file of them; ending a list.

import type { Schemas } from "@anfu/api";
import { PlusOutlined, UploadOutlined } from "@ant-design/icons";
import { Button, DatePicker, Form, Input } from "antd";
import type { Dayjs } from "dayjs";
import { useState } from "react";
import { api } from "../../app/client";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { ImportCsv } from "./ImportCsv";
import { useResult } from "./result";

const words = {
  add: { en: "Add values", zh: "加入" },
  csv: { en: "Import CSV", zh: "导入 CSV" },
  retire: { en: "Propose to end it", zh: "提议停用" },
  values: { en: "Values, one a line", zh: "值，每行一个" },
  expires: { en: "Until (end of the day)", zh: "有效期至（当日结束）" },
  why: { en: "Why", zh: "理由" },
  source: { en: "Source", zh: "来源" },
  needed: { en: "Please fill this in", zh: "请填写" },
};

interface Given {
  values: string;
  expires?: Dayjs;
  why: string;
  source: string;
}

export function ListActs({ list }: { list: Schemas["ListDocument"] }) {
  const t = useWords(words);
  const may = useMay();
  const result = useResult();
  const [open, setOpen] = useState<"add" | "csv" | "retire" | null>(null);
  const close = () => setOpen(null);
  const then = (change: Schemas["ChangeDocument"]) => {
    close();
    result(change);
  };
  const add = useAct(api.useMutation("post", "/v1/lists/{list}/entries"));
  const retire = useAct(api.useMutation("post", "/v1/lists/{list}/retire"));
  if (!may("lists:write")) return null;
  const params = { path: { list: list.name } };
  const needed = [{ required: true, whitespace: true, message: t.needed }];
  const put = ({ values, expires, why, source }: Given) => {
    const expires_at = expires?.endOf("day").toISOString() ?? null;
    const entries = values.split("\n").map((line) => line.trim()).filter((line) => line !== "");
    add.run({ params, body: { why, source, entries: entries.map((value) => ({ value, expires_at, reason: null, source: null })) } }, then);
  };
  return (
    <>
      <Button danger onClick={() => setOpen("retire")}>{t.retire}</Button>
      <Button icon={<UploadOutlined />} onClick={() => setOpen("csv")}>{t.csv}</Button>
      <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen("add")}>{t.add}</Button>
      <Ask<Given> title={`${t.add}: ${list.name}`} open={open === "add"} busy={add.busy} onGive={put} onClose={close} first={{ source: list.source }}>
        <Form.Item name="values" label={t.values} rules={needed}><Input.TextArea autoFocus className="mono" rows={4} /></Form.Item>
        <Form.Item name="expires" label={t.expires}><DatePicker style={{ width: "100%" }} /></Form.Item>
        <Form.Item name="why" label={t.why} rules={needed}><Input maxLength={200} /></Form.Item>
        <Form.Item name="source" label={t.source} rules={needed}><Input maxLength={200} /></Form.Item>
      </Ask>
      <Ask<{ why: string }> title={`${t.retire}: ${list.name}`} open={open === "retire"} busy={retire.busy} onGive={(body) => retire.run({ params, body }, then)} onClose={close} danger>
        <Form.Item name="why" label={t.why} rules={needed}><Input.TextArea autoFocus rows={2} maxLength={200} /></Form.Item>
      </Ask>
      <ImportCsv list={list} open={open === "csv"} onClose={close} onDone={then} />
    </>
  );
}
