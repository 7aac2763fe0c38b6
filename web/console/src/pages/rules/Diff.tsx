// Texts before and after, with what is gone struck out and what is new underlined.

import { theme } from "antd";
import { useMemo } from "react";
import { diffOf } from "./diff";

export function Diff({ before, after, mono = false }: { before: string; after: string; mono?: boolean }) {
  const { token } = theme.useToken();
  const pieces = useMemo(() => diffOf(before, after), [before, after]);
  return (
    <span className={mono ? "mono" : undefined} style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
      {pieces.map(({ text, change }, index) =>
        change === "same" ? (
          text
        ) : change === "gone" ? (
          <del key={index} style={{ background: token.colorErrorBg }}>
            {text}
          </del>
        ) : (
          <ins key={index} style={{ background: token.colorSuccessBg, marginInlineStart: 4 }}>
            {text}
          </ins>
        ),
      )}
    </span>
  );
}
