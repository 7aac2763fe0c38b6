// Writing other words into a draft. What is masked is written anew.

import type { Schemas } from "@anfu/api";
import { Alert, Button, Drawer, Form } from "antd";
import { useState } from "react";
import { api } from "../../app/client";
import { useWords } from "../../app/words";
import { useAct } from "../../parts/act";
import { ApplicationFields, type Fields, fieldsOf, formOf } from "./ApplicationFields";

const words = {
  open: { en: "Rewrite", zh: "修改草稿" },
  about: { en: "What is masked has to be written anew.", zh: "已掩码的信息须重新填写。" },
  keep: { en: "Keep", zh: "保存" },
};

export function Rewrite({ application }: { application: Schemas["ApplicationDocument"] }) {
  const t = useWords(words);
  const [open, setOpen] = useState(false);
  const [form] = Form.useForm<Fields>();
  const { run, busy } = useAct(api.useMutation("post", "/v1/merchant-applications/{application}"));
  const params = { path: { application: application.id } };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t.open}</Button>
      <Drawer
        open={open}
        onClose={() => setOpen(false)}
        title={`${t.open}: ${application.name}`}
        size={720}
        destroyOnHidden
        extra={
          <Button type="primary" loading={busy} onClick={form.submit}>
            {t.keep}
          </Button>
        }
      >
        <Alert type="info" showIcon title={t.about} />
        <Form<Fields>
          form={form}
          layout="vertical"
          initialValues={fieldsOf(application)}
          onFinish={(fields) => run({ params, body: formOf(fields) }, () => setOpen(false))}
        >
          <ApplicationFields />
        </Form>
      </Drawer>
    </>
  );
}
