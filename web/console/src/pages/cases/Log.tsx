// Everything that was done with a case, and by whom.

import { Timeline, Typography } from "antd";
import { useSay, useWords } from "../../app/words";
import { Id } from "../../parts/Id";
import { Moment } from "../../parts/Moment";
import { ACT, type Whole } from "./names";

const words = { itself: { en: "Anfu", zh: "系统" } };

export function Log({ acts = [] }: { acts?: Whole["acts"] }) {
  const t = useWords(words);
  const say = useSay();
  return (
    <Timeline
      items={acts.map(({ created_at, act, by }, index) => ({
        key: index,
        content: (
          <>
            {say(ACT[act]?.en, ACT[act]?.zh) || act}{" "}
            <Typography.Text type="secondary">
              {by === null ? t.itself : <Id id={by} />} · <Moment at={created_at} />
            </Typography.Text>
          </>
        ),
      }))}
    />
  );
}
