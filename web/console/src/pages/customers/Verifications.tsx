// What outside channels were asked about a person or a firm, and what they said.

import type { ReactNode } from "react";
import { Tag } from "antd";
import { usePreferences } from "../../app/preferences";
import { useWords } from "../../app/words";
import { momentColumn, numberColumn, stateColumn, textColumn } from "../../parts/columns";
import { Section } from "../../parts/Section";
import { CHANNELS, VERIFIED } from "./names";

interface Verification {
  id: string;
  kind: string;
  state: string;
  counts: boolean;
  reason: string | null;
  source: string | null;
  attempts: number;
  asked_at: string;
  answered_at: string | null;
}

const words = {
  channel: { en: "Channel", zh: "核验渠道" },
  state: { en: "Answer", zh: "核验结果" },
  reason: { en: "Reason", zh: "原因" },
  source: { en: "Source", zh: "来源" },
  counts: { en: "Counts", zh: "计入渠道数" },
  yes: { en: "yes", zh: "计入" },
  attempts: { en: "Attempts", zh: "次数" },
  asked: { en: "Asked", zh: "发起时间" },
  answered: { en: "Answered", zh: "回复时间" },
};

interface VerificationsProps {
  title: string;
  rows: readonly Verification[] | undefined;
  about?: ReactNode;
}

export function Verifications({ title, rows, about }: VerificationsProps) {
  const t = useWords(words);
  const { language } = usePreferences();
  return (
    <Section<Verification>
      title={title}
      about={about}
      rows={rows}
      of={({ id }) => id}
      columns={[
        textColumn("kind", t.channel, ({ kind }) => CHANNELS[kind]?.[language] ?? kind),
        stateColumn("state", t.state, ({ state }) => state, VERIFIED),
        { key: "counts", title: t.counts, render: ({ counts }) => (counts ? <Tag>{t.yes}</Tag> : "—") },
        textColumn("reason", t.reason, ({ reason }) => reason),
        textColumn("source", t.source, ({ source }) => source),
        numberColumn("attempts", t.attempts, ({ attempts }) => attempts),
        momentColumn("asked", t.asked, ({ asked_at }) => asked_at),
        momentColumn("answered", t.answered, ({ answered_at }) => answered_at),
      ]}
    />
  );
}
