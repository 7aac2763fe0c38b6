// What went wrong and what to do about it, in the words of the API.

import type { Problem } from "@anfu/api";
import { Alert, Button, Typography } from "antd";
import { useWords } from "../app/words";

const words = { again: { en: "Try again", zh: "重试" }, code: { en: "Code", zh: "代码" } };

export function ProblemView({ problem, again }: { problem: Problem; again?: () => void }) {
  const t = useWords(words);
  const { title, detail, code, field } = problem.document;
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={title}
      description={
        <>
          <div>{detail}</div>
          <Typography.Text type="secondary" className="mono">
            {t.code} {code}
            {field ? ` · ${field}` : ""}
          </Typography.Text>
        </>
      }
      action={
        again && (
          <Button size="small" onClick={again}>
            {t.again}
          </Button>
        )
      }
      style={{ marginBottom: 16 }}
    />
  );
}
