// What the keyboard does here.

import { QuestionCircleOutlined } from "@ant-design/icons";
import { Button, Descriptions, Modal, Typography } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useKey, useShortcuts } from "./keys";
import { useWords } from "./words";

const words = {
  title: { en: "Keyboard", zh: "键盘" },
  search: { en: "Search", zh: "搜索" },
  help: { en: "This help", zh: "本帮助" },
  cases: { en: "Go to the cases", zh: "前往案件" },
};

export function Help() {
  const t = useWords(words);
  const [open, setOpen] = useState(false);
  const go = useNavigate();
  useKey("?", () => setOpen(true));
  useKey("C", () => void go("/cases"));
  const keys = [
    { key: "/", what: t.search },
    { key: "C", what: t.cases },
    { key: "?", what: t.help },
    ...useShortcuts(),
  ];
  return (
    <>
      <Button type="text" icon={<QuestionCircleOutlined />} aria-label={t.title} title={t.title} onClick={() => setOpen(true)} />
      <Modal open={open} title={t.title} footer={null} onCancel={() => setOpen(false)}>
        <Descriptions
          column={1}
          size="small"
          items={keys.map(({ key, what }) => ({
            key,
            label: <Typography.Text keyboard>{key}</Typography.Text>,
            children: what,
          }))}
        />
      </Modal>
    </>
  );
}
