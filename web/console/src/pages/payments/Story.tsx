// Everything that happened to a payment, as a time line; parts can be left away.

import type { Schemas } from "@anfu/api";
import { Alert, Card, Flex, Skeleton, Tag, Timeline, Typography } from "antd";
import { useState } from "react";
import { api } from "../../app/client";
import { useSay, useWords } from "../../app/words";
import { Moment } from "../../parts/Moment";
import { ProblemView } from "../../parts/ProblemView";
import { PART } from "./parts";
import { Proof } from "./Proof";
import { StepData } from "./StepData";

type Step = Schemas["StoryDocument"]["steps"][number];

const words = {
  title: { en: "What happened", zh: "全过程" },
  parts: { en: "Show", zh: "显示" },
  later: { en: (later: string) => `+${later}`, zh: (later: string) => `+${later}` },
  out: {
    en: (parts: string) => `Not shown, as your roles do not read it: ${parts}`,
    zh: (parts: string) => `您的角色无权查看，未显示：${parts}`,
  },
};

export function Story({ payment }: { payment: Schemas["PaymentDocument"] }) {
  const t = useWords(words);
  const say = useSay();
  const [away, setAway] = useState<ReadonlySet<string>>(new Set());
  const [proven, setProven] = useState<string | null>(null);
  const { data, error, refetch } = api.useQuery("get", "/v1/payments/{payment}/story", {
    params: { path: { payment: payment.id } },
  });
  if (error !== null) return <ProblemView problem={error} again={() => void refetch()} />;
  if (data === undefined) return <Skeleton active />;
  const name = (part: Step["part"]) => say(PART[part].en, PART[part].zh);
  const there = [...new Set(data.steps.map(({ part }) => part))];
  const turn = (part: string) =>
    setAway((held) => (held.has(part) ? new Set([...held].filter((one) => one !== part)) : new Set([...held, part])));
  const start = Date.parse(data.steps[0]?.at ?? payment.created_at);
  return (
    <Card size="small" title={t.title} style={{ minWidth: 0 }}>
      <Flex wrap gap={6} role="group" aria-label={t.parts} style={{ marginBottom: 16 }}>
        {there.map((part) => (
          <Tag.CheckableTag key={part} checked={!away.has(part)} onChange={() => turn(part)}>
            {PART[part].icon} {name(part)}
          </Tag.CheckableTag>
        ))}
      </Flex>
      {data.left_out.length > 0 && (
        <Alert type="info" style={{ marginBottom: 16 }} title={t.out(data.left_out.map(({ part }) => name(part)).join(" · "))} />
      )}
      <Timeline
        items={data.steps
          .filter(({ part }) => !away.has(part))
          .map((step, index) => ({
            key: `${index}${step.kind}`,
            icon: <span title={name(step.part)}>{PART[step.part].icon}</span>,
            content: (
              <article data-step={step.kind}>
                <Flex wrap gap={8} align="baseline">
                  <strong>{say(step.title.en, step.title.zh)}</strong>
                  <Typography.Text type="secondary">
                    <Moment at={step.at} /> {t.later(later(Date.parse(step.at) - start))}
                  </Typography.Text>
                </Flex>
                <StepData step={step} payment={payment} onProve={setProven} />
              </article>
            ),
          }))}
      />
      {proven !== null && <Proof subject={proven} onClose={() => setProven(null)} />}
    </Card>
  );
}

function later(milliseconds: number): string {
  if (milliseconds < 1_000) return `${milliseconds} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  if (milliseconds < 3_600_000) return `${Math.round(milliseconds / 60_000)} min`;
  return milliseconds < 172_800_000 ? `${Math.round(milliseconds / 3_600_000)} h` : `${Math.round(milliseconds / 86_400_000)} d`;
}
