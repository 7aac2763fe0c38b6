// What the static checks say of rules: what, where, what to do.

import type { Schemas } from "@anfu/api";
import { Flex, Typography } from "antd";
import { useSay } from "../../app/words";
import { StateTag } from "../../parts/StateTag";
import { SEVERITY } from "./names";

type Remark = Schemas["RemarkDocument"];

interface RemarksProps {
  remarks: Remark[];
  /** The text the positions are of; without it no place is shown. */
  condition?: string;
}

export function Remarks({ remarks, condition }: RemarksProps) {
  const say = useSay();
  return (
    <Flex vertical component="ul" gap={10} style={{ margin: 0, padding: 0, listStyle: "none" }}>
      {remarks.map((remark, index) => (
        <li key={`${remark.code}-${index}`}>
          <Flex gap={8} align="start">
            <StateTag state={remark.severity} states={SEVERITY} />
            <div style={{ minWidth: 0 }}>
              <div>{say(remark.en, remark.zh)}</div>
              {condition !== undefined && remark.position !== null && (
                <Typography.Text code style={{ overflowWrap: "anywhere" }}>
                  {condition.slice(remark.position[0], remark.position[1])}
                </Typography.Text>
              )}
              <div>
                <Typography.Text type="secondary">{say(remark.remedy_en, remark.remedy_zh)}</Typography.Text>
              </div>
            </div>
          </Flex>
        </li>
      ))}
    </Flex>
  );
}
