// What people said of a case, and whether a second one agreed.

import { Alert } from "antd";
import { useSay, useWords } from "../../app/words";
import { Id } from "../../parts/Id";
import { Moment } from "../../parts/Moment";
import { StateTag } from "../../parts/StateTag";
import { VERDICT, VOICE, type Whole } from "./names";

const words = {
  by: { en: "by", zh: "由" },
  second: { en: "second person", zh: "复核人" },
};

export function Voices({ voices = [], choices = {} }: Pick<Whole, "voices" | "choices">) {
  const t = useWords(words);
  const say = useSay();
  const reasons = Object.values(choices).flat();
  return voices.map((voice) => {
    const reason = reasons.find(({ code }) => code === voice.reason);
    return (
      <Alert
        key={voice.id}
        type={voice.state === "SAID" ? "warning" : "info"}
        style={{ marginBottom: 12 }}
        title={
          <>
            <StateTag state={voice.verdict} states={VERDICT} /> {say(reason?.en, reason?.zh) || voice.reason}{" "}
            <StateTag state={voice.state} states={VOICE} />
          </>
        }
        description={
          <>
            {t.by} <Id id={voice.by} /> <Moment at={voice.created_at} />
            {voice.second !== null && (
              <>
                {" · "}
                {t.second} <Id id={voice.second} /> <Moment at={voice.second_at} />
              </>
            )}
          </>
        }
      />
    );
  });
}
