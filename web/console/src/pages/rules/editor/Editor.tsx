// A rule being written: its condition, what follows, and what is said of it meanwhile.

import { ExperimentOutlined, SaveOutlined } from "@ant-design/icons";
import { Alert, Button, Card, Col, Row, Spin } from "antd";
import { useState } from "react";
import { useMay } from "../../../app/session";
import { useWords } from "../../../app/words";
import { PageHead } from "../../../parts/PageHead";
import { ProblemView } from "../../../parts/ProblemView";
import { StartBacktest } from "../backtests/StartBacktest";
import { Remarks } from "../Remarks";
import { useCheck } from "./check";
import { ConditionEditor } from "./ConditionEditor";
import { Consequences } from "./Consequences";
import { type Content, gapsOf } from "./content";

const words = {
  when: { en: "When", zh: "条件" },
  then: { en: "Then", zh: "结果" },
  check: { en: "Check", zh: "检查" },
  nothing: { en: "Write a condition, and it is checked as you write.", zh: "请编写条件，系统将实时检查。" },
  good: { en: "Nothing to object to.", zh: "检查通过，没有问题。" },
  save: { en: "Save the draft", zh: "保存草稿" },
  test: { en: "Back-test", zh: "回测" },
};

interface EditorProps {
  title: string;
  about: string;
  first: Content;
  fixed: boolean;
  busy: boolean;
  onSave: (content: Content) => void;
}

export function Editor({ title, about, first, fixed, busy, onSave }: EditorProps) {
  const t = useWords(words);
  const may = useMay();
  const [content, setContent] = useState(first);
  const [tried, setTried] = useState(false);
  const [testing, setTesting] = useState(false);
  const check = useCheck(content);
  const change = (part: Partial<Content>) => setContent((held) => ({ ...held, ...part }));
  const gaps = gapsOf(content);
  const marks = check.remarks.flatMap(({ position, severity }) =>
    position === null ? [] : [{ start: position[0], end: position[1], severity }],
  );
  const save = () => {
    setTried(true);
    if (gaps.length === 0 && check.valid) onSave(content);
  };
  return (
    <>
      <PageHead
        title={title}
        about={about}
        actions={
          <>
            {may("backtests:write") && (
              <Button icon={<ExperimentOutlined />} disabled={gaps.length > 0 || !check.valid} onClick={() => setTesting(true)}>
                {t.test}
              </Button>
            )}
            <Button type="primary" icon={<SaveOutlined />} loading={busy} disabled={!check.valid} onClick={save}>
              {t.save}
            </Button>
          </>
        }
      />
      <Row gutter={[16, 16]}>
        <Col xs={24} lg={16}>
          <Card title={t.when} size="small">
            <ConditionEditor value={content.condition} marks={check.busy ? [] : marks} onChange={(condition) => change({ condition })} />
          </Card>
          <Card title={t.check} size="small" extra={check.busy && <Spin size="small" />} style={{ marginTop: 16 }}>
            <div aria-live="polite">
              {check.problem !== null && <ProblemView problem={check.problem} />}
              {content.condition.trim() === "" ? t.nothing : check.remarks.length > 0 ? (
                <Remarks remarks={check.remarks} condition={content.condition} />
              ) : (
                check.valid && <Alert type="success" showIcon title={t.good} />
              )}
            </div>
          </Card>
        </Col>
        <Col xs={24} lg={8}>
          <Card title={t.then} size="small">
            <Consequences content={content} gaps={tried ? gaps : []} fixed={fixed} onChange={change} />
          </Card>
        </Col>
      </Row>
      <StartBacktest open={testing} onClose={() => setTesting(false)} wish={{ rules: [content] }} />
    </>
  );
}
