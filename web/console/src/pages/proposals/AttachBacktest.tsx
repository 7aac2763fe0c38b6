// A back-test of what a proposal changes, whose figures become its paper.

import { ExperimentOutlined } from "@ant-design/icons";
import type { Schemas } from "@anfu/api";
import { Button } from "antd";
import { useState } from "react";
import { useMay } from "../../app/session";
import { useWords } from "../../app/words";
import { StartBacktest, type Tested } from "../rules/backtests/StartBacktest";
import { changeOf } from "./change";

const words = { attach: { en: "Back-test and attach", zh: "回测并附上" } };

export function AttachBacktest({ proposal }: { proposal: Schemas["ProposalDocument"] }) {
  const t = useWords(words);
  const may = useMay();
  const [open, setOpen] = useState(false);
  if (!may("backtests:write")) return null;
  return (
    <>
      <Button size="small" type="primary" icon={<ExperimentOutlined />} onClick={() => setOpen(true)}>
        {t.attach}
      </Button>
      <StartBacktest open={open} onClose={() => setOpen(false)} wish={testedOf(proposal)} proposal={proposal.id} />
    </>
  );
}

/** What it puts into the set, word for word: its policy, or its rules each on its own. */
function testedOf(proposal: Schemas["ProposalDocument"]): Tested {
  const { rules = {}, policy } = changeOf(proposal);
  if (policy) return policy[1] as Tested; // thresholds and outcomes
  return { rules: Object.values(rules).flatMap(({ after }) => (after === null ? [] : [after])) };
}
