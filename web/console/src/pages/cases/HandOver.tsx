// The end of a shift: all one's cases go to a colleague, or back into a queue.

import { Button, Form, Input, Radio } from "antd";
import { useState } from "react";
import { api } from "../../app/client";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";

const words = {
  title: { en: "Hand over", zh: "移交" },
  how: { en: "All my cases go", zh: "将我名下全部案件" },
  queue: { en: "back into a queue", zh: "退回队列" },
  to: { en: "to a colleague", zh: "移交给同事" },
  name: { en: "Queue", zh: "队列" },
  account: { en: "Account of the colleague", zh: "同事账户编号" },
  note: { en: "What the next one should know", zh: "交接说明" },
  needed: { en: "Please fill this in", zh: "请填写" },
};

interface Given {
  how: "queue" | "to";
  target: string;
  note: string;
}

export function HandOver() {
  const t = useWords(words);
  const [open, setOpen] = useState(false);
  const { run, busy } = useAct(api.useMutation("post", "/v1/cases/hand-over"));
  const close = () => setOpen(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t.title}</Button>
      <Ask<Given>
        title={t.title}
        open={open}
        busy={busy}
        first={{ how: "queue", target: "review" }}
        onClose={close}
        onGive={({ how, target, note }) => run({ body: { note, [how]: target } }, close)}
      >
        <Form.Item name="how" label={t.how}>
          <Radio.Group
            options={[
              { value: "queue", label: t.queue },
              { value: "to", label: t.to },
            ]}
          />
        </Form.Item>
        <Form.Item noStyle dependencies={["how"]}>
          {({ getFieldValue }) => (
            <Form.Item
              name="target"
              label={getFieldValue("how") === "to" ? t.account : t.name}
              rules={[{ required: true, message: t.needed }]}
            >
              <Input className="mono" />
            </Form.Item>
          )}
        </Form.Item>
        <Form.Item name="note" label={t.note} rules={[{ required: true, whitespace: true, message: t.needed }]}>
          <Input.TextArea rows={3} maxLength={2000} />
        </Form.Item>
      </Ask>
    </>
  );
}
