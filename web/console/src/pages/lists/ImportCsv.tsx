// A file of values: what it would change is shown before anything is.

import { Problem, type Schemas } from "@anfu/api";
import { UploadOutlined } from "@ant-design/icons";
import { Alert, Button, Checkbox, Descriptions, Form, Input, Upload } from "antd";
import { useState } from "react";
import { api } from "../../app/client";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { ProblemView } from "../../parts/ProblemView";

const words = {
  title: { en: "Import CSV", zh: "导入 CSV" },
  about: {
    en: "With a heading: value, and any of expires_at, reason, source. All rows come in, or none.",
    zh: "首行为列名：value，可选 expires_at、reason、source。全部导入或全部不导入。",
  },
  choose: { en: "Choose a file", zh: "选择文件" },
  replace: { en: "The list shall hold nothing else afterwards", zh: "导入后名单仅含文件内容" },
  now: { en: "Entries now", zh: "现有条目" },
  added: { en: "Would be put on", zh: "将加入" },
  moved: { en: "Would have another expiry", zh: "将变更有效期" },
  removed: { en: "Would be taken off if it replaces all", zh: "若整体替换，将移除" },
  why: { en: "Why", zh: "理由" },
  source: { en: "Source", zh: "来源" },
  needed: { en: "Please fill this in", zh: "请填写" },
  first: { en: "Choose a file to see what it would change.", zh: "选择文件后显示变更预览。" },
};

interface ImportProps {
  list: Schemas["ListDocument"];
  open: boolean;
  onClose: () => void;
  onDone: (change: Schemas["ChangeDocument"]) => void;
}

interface Given {
  why: string;
  source: string;
  replace?: boolean;
}

export function ImportCsv({ list, open, onClose, onDone }: ImportProps) {
  const t = useWords(words);
  const [csv, setCsv] = useState<string | null>(null);
  const delta = api.useMutation("post", "/v1/lists/{list}/delta");
  const { run, busy } = useAct(api.useMutation("post", "/v1/lists/{list}/import"));
  const params = { path: { list: list.name } };
  const choose = async (file: File) => {
    const text = await file.text();
    setCsv(text);
    delta.mutate({ params, body: { csv: text } });
  };
  const close = () => {
    setCsv(null);
    delta.reset();
    onClose();
  };
  const give = ({ why, source, replace = false }: Given) =>
    csv !== null && delta.isSuccess && run({ params, body: { csv, why, source, replace } }, (change) => { close(); onDone(change); });
  const needed = [{ required: true, whitespace: true, message: t.needed }];
  return (
    <Ask<Given> title={`${t.title}: ${list.name}`} open={open} busy={busy || delta.isPending} onGive={give} onClose={close} first={{ source: list.source }}>
      <p>{t.about}</p>
      <Form.Item>
        <Upload accept=".csv,text/csv" maxCount={1} beforeUpload={(file) => { void choose(file); return false; }} onRemove={() => { setCsv(null); delta.reset(); }}>
          <Button icon={<UploadOutlined />}>{t.choose}</Button>
        </Upload>
      </Form.Item>
      {csv === null && <Alert type="info" title={t.first} style={{ marginBottom: 16 }} />}
      {delta.error instanceof Problem && <ProblemView problem={delta.error} />}
      {delta.data !== undefined && (
        <Descriptions
          size="small"
          bordered
          column={1}
          style={{ marginBottom: 16 }}
          items={(["now", "added", "moved", "removed"] as const).map((name) => ({
            key: name,
            label: t[name],
            children: (name === "now" ? delta.data.entries : delta.data[name]).toLocaleString("en"),
          }))}
        />
      )}
      <Form.Item name="replace" valuePropName="checked">
        <Checkbox>{t.replace}</Checkbox>
      </Form.Item>
      <Form.Item name="why" label={t.why} rules={needed}><Input maxLength={200} /></Form.Item>
      <Form.Item name="source" label={t.source} rules={needed}><Input maxLength={200} /></Form.Item>
    </Ask>
  );
}
