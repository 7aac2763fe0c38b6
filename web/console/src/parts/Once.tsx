// A secret that is shown this once, with what to do with it.

import { Alert, Button, Modal, Typography } from "antd";
import { useWords } from "../app/words";

const words = {
  warning: {
    en: "Copy it now: it is shown this once and kept nowhere.",
    zh: "请立即复制：仅显示这一次，系统不予保存。",
  },
  done: { en: "I have copied it", zh: "我已复制" },
};

interface OnceProps {
  title: string;
  secret: string | null;
  onClose: () => void;
}

export function Once({ title, secret, onClose }: OnceProps) {
  const t = useWords(words);
  return (
    <Modal
      open={secret !== null}
      title={title}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      footer={
        <Button type="primary" onClick={onClose}>
          {t.done}
        </Button>
      }
      destroyOnHidden
    >
      <Alert type="warning" showIcon title={t.warning} style={{ marginBottom: 12 }} />
      <Typography.Paragraph className="mono" copyable code style={{ overflowWrap: "anywhere" }}>
        {secret ?? ""}
      </Typography.Paragraph>
    </Modal>
  );
}
