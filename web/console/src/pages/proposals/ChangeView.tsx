// What a proposal changes, by its subject.

import type { Schemas } from "@anfu/api";
import { Flex, Typography } from "antd";
import { Link } from "react-router";
import { StateTag } from "../../parts/StateTag";
import { MODEL_STATE } from "../models/names";
import { SetChange } from "../rules/sets/SetChange";
import { changeOf } from "./change";
import { Fields } from "./Fields";

export function ChangeView({ proposal }: { proposal: Schemas["ProposalDocument"] }) {
  const { subject, target, change } = proposal;
  if (subject === "RULES") {
    const { rules = {}, policy = null } = changeOf(proposal);
    return <SetChange rules={rules} policy={policy} />;
  }
  if (subject === "MODEL") {
    const { from, to } = change as unknown as { from: string; to: string }; // risk/models/promote.py
    return (
      <Flex gap={8} align="center" wrap>
        <Link to={`/models/${target}`} className="mono">{target}</Link>
        <StateTag state={from} states={MODEL_STATE} />
        <Typography.Text aria-hidden>→</Typography.Text>
        <StateTag state={to} states={MODEL_STATE} />
      </Flex>
    );
  }
  return (
    <>
      {subject === "LIST" && <Link to={`/lists/${target}`} className="mono">{target}</Link>}
      <Fields document={change} />
    </>
  );
}
