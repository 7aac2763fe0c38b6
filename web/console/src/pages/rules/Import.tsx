// A decision table or a scorecard becomes drafts, all of it or nothing.

import { Problem, type Schemas } from "@anfu/api";
import { UploadOutlined } from "@ant-design/icons";
import { Alert, Button, Card, Flex, Form, Input, Table, Typography, Upload } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api } from "../../app/client";
import { useSay, useWords } from "../../app/words";
import { useAct } from "../../parts/act";
import { saveFile } from "../../parts/csv";
import { PageHead } from "../../parts/PageHead";
import { ProblemView } from "../../parts/ProblemView";
import { reachable } from "../../parts/reachable";
import { Remarks } from "./Remarks";

const words = {
  title: { en: "Import a decision table", zh: "导入决策表" },
  about: {
    en: "CSV or Excel, at most 1 MB and 500 rows. A decision table has a column for each fact it asks; a scorecard has fact and test. Each row becomes a draft, or none does.",
    zh: "CSV 或 Excel，至多 1 MB、500 行。决策表每列对应一个特征；评分卡含 fact 与 test 两列。全部行成为草稿，或全部不导入。",
  },
  name: { en: "Name of the table", zh: "决策表名称" },
  nameHelp: { en: "Rows without an id are called name_row", zh: "未填编号的行命名为“名称_行号”" },
  nameRule: { en: "Small letters, digits and _", zh: "小写字母、数字、下划线" },
  file: { en: "Choose a file", zh: "选择文件" },
  sample: { en: "A table to begin with", zh: "下载样表" },
  send: { en: "Import", zh: "导入" },
  done: { en: "All rows are drafts now", zh: "所有行均已成为草稿" },
  row: { en: "Row", zh: "行" },
  column: { en: "Column", zh: "列" },
  problem: { en: "What is wrong, and what to do", zh: "问题与处理方法" },
};
const SAMPLE = "hour,amount,condition,grade,points,reason,en,zh\r\n[0..5],> 500000,,MIDDLE,60,NIGHT,A large payment at night,夜间大额支付\r\n";
const NAME = /^[a-z][a-z0-9_]{1,63}$/;

interface CellError {
  row: number;
  column: string;
  en: string;
  zh: string;
  remedy_en: string;
  remedy_zh: string;
}

export default function Import() {
  const t = useWords(words);
  const [name, setName] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const [made, setMade] = useState<Schemas["ImportDocument"] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { run, busy } = useAct(api.useMutation("post", "/v1/rule_imports", { onError: setProblem }), t.done);
  const send = async () => {
    if (file === null) return;
    setProblem(null);
    setMade(null);
    const form = file.name.toLowerCase().endsWith(".xlsx") ? "XLSX" : "CSV";
    run({ body: { name, form, content: await base64(file) } }, setMade);
  };
  return (
    <>
      <PageHead title={t.title} about={t.about} actions={<Button onClick={() => saveFile("decision-table.csv", SAMPLE)}>{t.sample}</Button>} />
      <Card size="small" style={{ maxWidth: 640, marginBottom: 16 }}>
        <Form layout="vertical" onFinish={() => void send()}>
          <Form.Item label={t.name} htmlFor="table-name" extra={t.nameHelp} validateStatus={name === "" || NAME.test(name) ? undefined : "error"} help={name === "" || NAME.test(name) ? undefined : t.nameRule}>
            <Input id="table-name" className="mono" value={name} onChange={(event) => setName(event.target.value)} />
          </Form.Item>
          <Flex wrap gap={8}>
            <Upload accept=".csv,.xlsx" maxCount={1} beforeUpload={(chosen) => { setFile(chosen); return false; }} onRemove={() => setFile(null)}>
              <Button icon={<UploadOutlined />}>{t.file}</Button>
            </Upload>
            <Button type="primary" htmlType="submit" loading={busy} disabled={file === null || !NAME.test(name)}>
              {t.send}
            </Button>
          </Flex>
        </Form>
      </Card>
      {problem !== null && <Wrong problem={problem} />}
      {made !== null && <Made made={made} />}
    </>
  );
}

function Wrong({ problem }: { problem: Problem }) {
  const t = useWords(words);
  const say = useSay();
  const errors = (problem.document.details?.errors ?? []) as CellError[]; // of sheet_rows_invalid
  return (
    <>
      <ProblemView problem={problem} />
      {errors.length > 0 && (
        <Table<CellError>
          ref={reachable}
          size="small"
          rowKey={({ row, column, en }) => `${row}-${column}-${en}`}
          dataSource={errors}
          pagination={false}
          scroll={{ x: "max-content" }}
          columns={[
            { title: t.row, align: "right", render: (_, { row }) => row },
            { title: t.column, render: (_, { column }) => <span className="mono">{column}</span> },
            { title: t.problem, render: (_, error) => <>{say(error.en, error.zh)} <Typography.Text type="secondary">{say(error.remedy_en, error.remedy_zh)}</Typography.Text></> },
          ]}
        />
      )}
    </>
  );
}

function Made({ made }: { made: Schemas["ImportDocument"] }) {
  const t = useWords(words);
  return (
    <Card size="small" title={t.done}>
      <Flex wrap gap={8} style={{ marginBottom: 12 }}>
        {made.rules.map(({ id }) => (
          <Link key={id} to={`/rules/${id}`} className="mono">{id}</Link>
        ))}
      </Flex>
      {made.remarks.length > 0 && <Alert type="info" title={<Remarks remarks={made.remarks} />} />}
    </Card>
  );
}

/** The bytes of a file as the API takes them. */
async function base64(file: File): Promise<string> {
  let text = "";
  for (const byte of new Uint8Array(await file.arrayBuffer())) text += String.fromCharCode(byte);
  return btoa(text);
}
