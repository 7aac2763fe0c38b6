// The facts a model reads, and the probabilities from which on it gives a grade.

import { Col, Row } from "antd";
import { useSay, useWords } from "../../app/words";
import { Cells } from "../rules/Cells";
import { useFacts } from "../rules/facts";

const words = {
  columns: { en: "Columns", zh: "输入特征" },
  fact: { en: "Fact", zh: "特征" },
  typical: { en: "Of an ordinary payment", zh: "普通支付的取值" },
  cutoffs: { en: "Grades", zh: "分级阈值" },
  grade: { en: "From grade", zh: "等级起" },
  cutoff: { en: "Probability", zh: "概率" },
};

interface Declaration {
  columns?: { fact: string; typical?: number | null }[];
  cutoffs?: Record<string, number>;
}

export function Columns({ declaration }: { declaration: Declaration }) {
  const t = useWords(words);
  const say = useSay();
  const { known } = useFacts();
  const { columns = [], cutoffs = {} } = declaration;
  return (
    <Row gutter={[16, 16]}>
      <Col xs={24} lg={16}>
        <Cells
          title={`${t.columns} (${columns.length})`}
          heads={[t.fact, t.typical]}
          rows={columns.map(({ fact, typical }) => [
            <span key="fact">
              <span className="mono">{fact}</span> <small>{say(known.get(fact)?.en, known.get(fact)?.zh)}</small>
            </span>,
            typical ?? "—",
          ])}
        />
      </Col>
      <Col xs={24} lg={8}>
        <Cells title={t.cutoffs} heads={[t.grade, t.cutoff]} rows={Object.entries(cutoffs).sort(([, a], [, b]) => a - b).map(([grade, value]) => [grade, value])} />
      </Col>
    </Row>
  );
}
