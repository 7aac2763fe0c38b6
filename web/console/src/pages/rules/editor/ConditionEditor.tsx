// A condition as rows and as text, kept in step both ways.

import { BookOutlined } from "@ant-design/icons";
import { Alert, Button, Drawer, Flex, Typography } from "antd";
import { useMemo, useState } from "react";
import type { RuleGroupType } from "react-querybuilder";
import { useWords } from "../../../app/words";
import { Builder } from "../condition/Builder";
import { SQL } from "../condition/leaf";
import { readCondition } from "../condition/read";
import { type Mark, SqlText } from "../condition/SqlText";
import { writeCondition } from "../condition/write";
import { FactTable } from "../FactTable";
import { useFacts } from "../facts";

const words = {
  rows: { en: "Tests", zh: "逐项条件" },
  sql: { en: "The same in SQL", zh: "对应的 SQL" },
  facts: { en: "Facts", zh: "特征目录" },
  apart: {
    en: "The text is not finished or not understood here, so the tests above still show what it was before. Edit the text on; the check below tells what is wrong.",
    zh: "文本尚未写完或无法解析，上方仍显示之前的条件。请继续编辑文本，下方检查会指出问题。",
  },
  raw: {
    en: "Some of it can only be said in SQL: it stands in the tests as it is written.",
    zh: "部分条件只能以 SQL 表示，已按原文列入上方条件。",
  },
};

const NOTHING: RuleGroupType = { combinator: "and", rules: [] };

interface ConditionEditorProps {
  value: string;
  marks: Mark[];
  onChange: (value: string) => void;
}

export function ConditionEditor({ value, marks, onChange }: ConditionEditorProps) {
  const t = useWords(words);
  const { facts, known } = useFacts();
  const [group, setGroup] = useState(() => readCondition(value) ?? NOTHING);
  // The text the rows were made of, or made: where another is shown they are apart.
  const [said, setSaid] = useState(readCondition(value) === null ? null : value);
  const [open, setOpen] = useState(false);
  const raw = useMemo(() => hasRaw(group), [group]);
  const build = (made: RuleGroupType) => {
    const text = writeCondition(made, (fact) => known.get(fact)?.type === "TEXT");
    setGroup(made);
    setSaid(text);
    onChange(text);
  };
  const write = (text: string) => {
    const read = readCondition(text);
    if (read !== null) setGroup(read);
    setSaid(read === null ? null : text);
    onChange(text);
  };
  return (
    <Flex vertical gap={10}>
      <Flex justify="space-between" align="center">
        <Typography.Text strong>{t.rows}</Typography.Text>
        <Button size="small" icon={<BookOutlined />} onClick={() => setOpen(true)}>
          {t.facts}
        </Button>
      </Flex>
      {facts.length > 0 && <Builder facts={facts} group={group} onChange={build} />}
      {said !== value && <Alert type="warning" showIcon title={t.apart} />}
      {said === value && raw && <Alert type="info" showIcon title={t.raw} />}
      <Typography.Text strong>{t.sql}</Typography.Text>
      <SqlText label={t.sql} value={value} marks={marks} onChange={write} />
      <Drawer title={t.facts} open={open} onClose={() => setOpen(false)} size={760}>
        <FactTable onPick={(name) => write(value.trim() === "" ? name : `${value.trimEnd()} ${name}`)} />
      </Drawer>
    </Flex>
  );
}

function hasRaw(group: RuleGroupType): boolean {
  return group.rules.some((part) => ("rules" in part ? hasRaw(part) : part.field === SQL));
}
