// The form of an application: what payers read, what the registries have, who answers, where it is paid to.

import type { Schemas } from "@anfu/api";
import { Col, DatePicker, Divider, Form, Input, Row, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import type { ReactNode } from "react";
import { api } from "../../app/client";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { useOptions } from "../../parts/columns";
import { DOCUMENTS } from "../customers/names";
import { SCENES } from "./names";

type Given = Schemas["ApplicationForm"];

const words = {
  shop: { en: "What payers read", zh: "经营信息" },
  firm: { en: "As the registry of firms has it", zh: "登记信息" },
  person: { en: "Legal representative", zh: "法定代表人" },
  account: { en: "Settlement account, its own", zh: "结算账户（须与商户同名）" },
  name: { en: "Name", zh: "商户简称" },
  mcc: { en: "Trade", zh: "商户类别" },
  scenes: { en: "Scenes", zh: "收款场景" },
  legal_name: { en: "Registered name", zh: "登记名称" },
  credit_code: { en: "Credit code", zh: "统一社会信用代码" },
  address: { en: "Address", zh: "经营地址" },
  who: { en: "Name of the person", zh: "姓名" },
  phone: { en: "Phone", zh: "手机号" },
  type: { en: "Document", zh: "证件类型" },
  number: { en: "Document number", zh: "证件号码" },
  until: { en: "Good until", zh: "证件有效期至" },
  holder: { en: "Holder", zh: "户名" },
  account_number: { en: "Account number", zh: "账号" },
  bank: { en: "Bank", zh: "开户银行" },
  needed: { en: "Please fill this in", zh: "请填写" },
};

type Fields = Omit<Given, "representative"> & {
  representative: Omit<Given["representative"], "document_until"> & { document_until: Dayjs };
};

/** What the form holds as the API takes it. */
export function formOf(fields: Fields): Given {
  const { document_until, ...representative } = fields.representative;
  return { ...fields, representative: { ...representative, document_until: document_until.format("YYYY-MM-DD") } };
}

/** What is shown in clear of an application, to begin with; the rest is masked and written anew. */
export function fieldsOf(held: Schemas["ApplicationDocument"]) {
  const { name, legal_name, credit_code, mcc, scenes, address, representative, settlement } = held;
  const { document, document_until } = representative;
  return {
    name, legal_name, credit_code, mcc, scenes, address,
    representative: { document: { type: document.type }, document_until: dayjs(document_until) },
    settlement: { bank: settlement.bank },
  };
}

export type { Fields };

export function ApplicationFields() {
  const t = useWords(words);
  const { language } = usePreferences();
  const trades = api.useQuery("get", "/v1/trades", {}, { staleTime: Number.POSITIVE_INFINITY }).data?.data ?? [];
  const allowed = trades.filter(({ grade }) => grade !== "PROHIBITED");
  return (
    <>
      <Divider titlePlacement="start">{t.shop}</Divider>
      <Row gutter={16}>
        <Field name="name" label={t.name} />
        <Field name="mcc" label={t.mcc}>
          <Select
            showSearch={{ optionFilterProp: "label" }}
            options={allowed.map((trade) => ({ value: trade.mcc, label: `${trade.mcc} ${trade[language]}` }))}
          />
        </Field>
        <Field name="scenes" label={t.scenes}>
          <Select mode="multiple" options={useOptions(SCENES)} />
        </Field>
        <Field name="address" label={t.address} longest={200} />
      </Row>
      <Divider titlePlacement="start">{t.firm}</Divider>
      <Row gutter={16}>
        <Field name="legal_name" label={t.legal_name} />
        <Field name="credit_code" label={t.credit_code} />
      </Row>
      <Divider titlePlacement="start">{t.person}</Divider>
      <Row gutter={16}>
        <Field name={["representative", "name"]} label={t.who} />
        <Field name={["representative", "phone"]} label={t.phone} />
        <Field name={["representative", "document", "type"]} label={t.type}>
          <Select options={useOptions(DOCUMENTS)} />
        </Field>
        <Field name={["representative", "document", "number"]} label={t.number} />
        <Field name={["representative", "document_until"]} label={t.until}>
          <DatePicker style={{ width: "100%" }} />
        </Field>
      </Row>
      <Divider titlePlacement="start">{t.account}</Divider>
      <Row gutter={16}>
        <Field name={["settlement", "holder"]} label={t.holder} />
        <Field name={["settlement", "number"]} label={t.account_number} />
        <Field name={["settlement", "bank"]} label={t.bank} />
      </Row>
    </>
  );
}

interface FieldProps {
  name: string | string[];
  label: string;
  longest?: number;
  children?: ReactNode;
}

function Field({ name, label, longest = 100, children }: FieldProps) {
  const t = useWords(words);
  return (
    <Col xs={24} sm={12} lg={8}>
      <Form.Item name={name} label={label} rules={[{ required: true, message: t.needed }]}>
        {children ?? <Input maxLength={longest} autoComplete="off" />}
      </Form.Item>
    </Col>
  );
}
