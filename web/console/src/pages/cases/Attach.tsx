// A file for a case: PDF, PNG, JPEG or plain text, one mebibyte at the most.

import type { Schemas } from "@anfu/api";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { api } from "../../app/client";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import type { Whole } from "./names";

const MOST = 1 << 20;
const TYPES = ["application/pdf", "image/png", "image/jpeg", "text/plain"];
const words = {
  title: { en: "Attach a file", zh: "添加附件" },
  file: { en: "PDF, PNG, JPEG or text, at most 1 MiB", zh: "PDF、PNG、JPEG 或文本，不超过 1 MiB" },
  wrong: { en: "Choose a file of these kinds and size", zh: "请选择符合类型与大小的文件" },
  shows: { en: "What it shows", zh: "证明内容" },
  needed: { en: "Please fill this in", zh: "请填写" },
};

interface Given {
  file: File;
  shows: string;
}

export function Attach({ about }: { about: Whole }) {
  const t = useWords(words);
  const [open, setOpen] = useState(false);
  const { run, busy } = useAct(api.useMutation("post", "/v1/cases/{case}/attachments"));
  const close = () => setOpen(false);
  const give = async ({ file, shows }: Given) => {
    const content = toBase64(new Uint8Array(await file.arrayBuffer()));
    const media_type = file.type as Schemas["AttachmentForm"]["media_type"]; // one of TYPES, by the rule below
    run({ params: { path: { case: about.id } }, body: { media_type, name: file.name, shows, content } }, close);
  };
  const fits = (file: File | undefined) => file !== undefined && file.size <= MOST && TYPES.includes(file.type);
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t.title}
      </Button>
      <Ask<Given> title={t.title} open={open} busy={busy} onClose={close} onGive={(given) => void give(given)}>
        <Form.Item
          name="file"
          label={t.file}
          valuePropName="chosen"
          getValueFromEvent={(event: React.ChangeEvent<HTMLInputElement>) => event.target.files?.[0]}
          rules={[{ validator: (_, file) => (fits(file) ? Promise.resolve() : Promise.reject(new Error(t.wrong))) }]}
        >
          <FileField />
        </Form.Item>
        <Form.Item name="shows" label={t.shows} rules={[{ required: true, whitespace: true, message: t.needed }]}>
          <Input maxLength={200} />
        </Form.Item>
      </Ask>
    </>
  );
}

/** The browser's own field; the form keeps the file. */
function FileField({ id, onChange }: { id?: string; onChange?: (event: React.ChangeEvent<HTMLInputElement>) => void }) {
  return <input id={id} type="file" accept={TYPES.join(",")} onChange={onChange} />;
}

function toBase64(bytes: Uint8Array): string {
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters);
}
