// What people wrote of a case, and the files they attached.

import { DownloadOutlined } from "@ant-design/icons";
import { Button, Empty, Flex, Form, Input, Typography } from "antd";
import { useState } from "react";
import { api, client, got } from "../../app/client";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { Id } from "../../parts/Id";
import { Moment } from "../../parts/Moment";
import { Attach } from "./Attach";
import type { Whole } from "./names";

const words = {
  none: { en: "Nothing written yet.", zh: "暂无备注或附件。" },
  note: { en: "Write a note", zh: "添加备注" },
  text: { en: "What the next one should know", zh: "备注内容" },
  needed: { en: "Please fill this in", zh: "请填写" },
  save: { en: "Save the file", zh: "下载附件" },
};

export function Papers({ about }: { about: Whole }) {
  const t = useWords(words);
  const write = useMay()("cases:write");
  const { notes = [], attachments = [] } = about;
  return (
    <>
      {notes.length + attachments.length === 0 && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t.none} />}
      <ul className="papers">
        {notes.map(({ id, by, created_at, text }) => (
          <li key={id}>
            <Typography.Text type="secondary">
              <Id id={by} /> · <Moment at={created_at} />
            </Typography.Text>
            <p className="note">{text}</p>
          </li>
        ))}
        {attachments.map((file) => (
          <li key={file.id}>
            <Typography.Text type="secondary">
              <Id id={file.by} /> · <Moment at={file.created_at} />
            </Typography.Text>
            <Flex gap={8} align="center" wrap>
              <strong>{file.name}</strong> {file.shows}
              <Typography.Text type="secondary">{Math.ceil(file.size / 1024)} KiB</Typography.Text>
              {write && (
                <Button size="small" icon={<DownloadOutlined />} onClick={() => void save(about.id, file.id)} aria-label={`${t.save}: ${file.name}`} />
              )}
            </Flex>
          </li>
        ))}
      </ul>
      {write && (
        <Flex gap={8}>
          <Note about={about} />
          {about.state !== "CLOSED" && <Attach about={about} />}
        </Flex>
      )}
    </>
  );
}

/** As a file: no page shows what somebody sent. */
async function save(id: string, attachment: string): Promise<void> {
  const file = await got(
    client.GET("/v1/cases/{case}/attachments/{attachment}", { params: { path: { case: id, attachment } } }),
  );
  const bytes = Uint8Array.from(atob(file.content), (letter) => letter.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = file.name;
  link.click();
  URL.revokeObjectURL(url);
}

function Note({ about }: { about: Whole }) {
  const t = useWords(words);
  const [open, setOpen] = useState(false);
  const { run, busy } = useAct(api.useMutation("post", "/v1/cases/{case}/notes"));
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t.note}
      </Button>
      <Ask<{ text: string }>
        title={t.note}
        open={open}
        busy={busy}
        onClose={() => setOpen(false)}
        onGive={(body) => run({ params: { path: { case: about.id } }, body }, () => setOpen(false))}
      >
        <Form.Item name="text" label={t.text} rules={[{ required: true, whitespace: true, message: t.needed }]}>
          <Input.TextArea rows={4} maxLength={2000} autoFocus />
        </Form.Item>
      </Ask>
    </>
  );
}
