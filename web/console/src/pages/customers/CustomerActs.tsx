// What is done for a person who asks: everything we hold, and to be forgotten.

import { Alert, Button, Form, Input } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api } from "../../app/client";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { Ask } from "../../parts/Ask";
import { useAct } from "../../parts/act";
import { saveFile } from "../../parts/csv";

const words = {
  export: { en: "Export all we hold", zh: "导出全部个人信息" },
  exportAbout: {
    en: "The file holds everything in clear: give it to the person alone (个人信息保护法 art. 45). The export is logged.",
    zh: "文件含全部信息明文，仅可交付本人（个人信息保护法第 45 条）。导出将被记录。",
  },
  erase: { en: "Ask to be forgotten", zh: "申请删除信息" },
  eraseAbout: {
    en: "A second person decides. The account is then closed, and what the law keeps is stored apart until its day.",
    zh: "须由第二人决定。批准后账户注销，法律要求留存的信息单独封存至期满。",
  },
  reason: { en: "Who asked, and where that is on paper", zh: "申请人及书面依据" },
  needed: { en: "Please fill this in", zh: "请填写" },
  asked: { en: "Asked: another person decides", zh: "已提交，待第二人决定" },
};

export function CustomerActs({ customer }: { customer: string }) {
  const t = useWords(words);
  const may = useMay();
  const go = useNavigate();
  const [asked, setAsked] = useState<"export" | "erase" | null>(null);
  const exported = useAct(api.useMutation("post", "/v1/customers/{customer}/export"));
  const erased = useAct(api.useMutation("post", "/v1/customers/{customer}/erasures"), t.asked);
  const params = { path: { customer } };
  const give = ({ reason }: { reason: string }) => {
    if (asked === "erase") erased.run({ params, body: { reason } }, () => void go("/erasures"));
    else
      exported.run({ params, body: { reason } }, (all) => {
        setAsked(null);
        saveFile(`${customer}.json`, JSON.stringify(all, null, 2), "application/json");
      });
  };
  return (
    <>
      {may("personal:export") && <Button onClick={() => setAsked("export")}>{t.export}</Button>}
      {may("personal:erase") && (
        <Button danger onClick={() => setAsked("erase")}>
          {t.erase}
        </Button>
      )}
      <Ask<{ reason: string }>
        title={t[asked ?? "export"]}
        open={asked !== null}
        busy={exported.busy || erased.busy}
        danger={asked === "erase"}
        onClose={() => setAsked(null)}
        onGive={give}
      >
        <Alert type="warning" showIcon title={asked === "erase" ? t.eraseAbout : t.exportAbout} style={{ marginBottom: 12 }} />
        <Form.Item name="reason" label={t.reason} rules={[{ required: true, whitespace: true, message: t.needed }]}>
          <Input maxLength={200} />
        </Form.Item>
      </Ask>
    </>
  );
}
