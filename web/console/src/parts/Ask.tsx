// A question before something is done: a window with a form.

import { Form, Modal } from "antd";
import type { ReactNode } from "react";

interface AskProps<Given extends object> {
  title: string;
  open: boolean;
  busy: boolean;
  onGive: (given: Given) => void;
  onClose: () => void;
  children: ReactNode;
  /** What the form holds at first. */
  first?: Partial<Given>;
  danger?: boolean;
}

export function Ask<Given extends object>(props: AskProps<Given>) {
  const { title, open, busy, onGive, onClose, children, first, danger = false } = props;
  const [form] = Form.useForm<Given>();
  return (
    <Modal
      open={open}
      title={title}
      onCancel={onClose}
      onOk={form.submit}
      confirmLoading={busy}
      okButtonProps={{ danger }}
      destroyOnHidden
    >
      <Form<Given>
        form={form}
        layout="vertical"
        initialValues={first as never /* antd asks for the whole, at any depth */}
        onFinish={onGive}
        preserve={false}
      >
        {children}
      </Form>
    </Modal>
  );
}
