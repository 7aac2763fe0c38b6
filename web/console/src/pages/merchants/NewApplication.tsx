// A new application, kept as a draft until it is submitted.

import { Button, Card, Form } from "antd";
import { useNavigate } from "react-router";
import { api } from "../../app/client";
import { useReason } from "../../app/reason";
import { useWords } from "../../app/words";
import { useAct } from "../../parts/act";
import { PageHead } from "../../parts/PageHead";
import { ApplicationFields, type Fields, formOf } from "./ApplicationFields";

const words = {
  title: { en: "New application", zh: "新建入网申请" },
  about: {
    en: "Nothing is asked of the registries until the draft is submitted.",
    zh: "提交草稿后方向登记机关核验。",
  },
  keep: { en: "Keep as a draft", zh: "保存草稿" },
};

export default function NewApplication() {
  const t = useWords(words);
  const go = useNavigate();
  const { run, busy } = useAct(api.useMutation("post", "/v1/merchant-applications"));
  if (useReason() === null) return null;
  return (
    <>
      <PageHead title={t.title} about={t.about} />
      <Card size="small">
        <Form<Fields>
          layout="vertical"
          initialValues={{ representative: { document: { type: "CITIZEN_ID" } } }}
          onFinish={(fields) => run({ body: formOf(fields) }, ({ id }) => void go(`/applications/${id}`))}
        >
          <ApplicationFields />
          <Button type="primary" htmlType="submit" loading={busy}>
            {t.keep}
          </Button>
        </Form>
      </Card>
    </>
  );
}
