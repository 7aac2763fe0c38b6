// How much waits for the person as the second one.

import { AuditOutlined } from "@ant-design/icons";
import { Badge, Button } from "antd";
import { useNavigate } from "react-router";
import { api } from "./client";
import { useWords } from "./words";

const words = {
  none: { en: "Nothing waits for you", zh: "没有待您决定的事项" },
  some: { en: (count: number) => `${count} wait for your decision`, zh: (count: number) => `${count} 项待您决定` },
};
const EVERY_MS = 60_000;

export function WaitingBell() {
  const t = useWords(words);
  const go = useNavigate();
  const { data } = api.useQuery("get", "/v1/waiting", {}, { refetchInterval: EVERY_MS });
  const count = data?.data.length ?? 0;
  const said = count === 0 ? t.none : t.some(count);
  return (
    <Badge count={count} size="small" offset={[-6, 6]} title={said}>
      <Button type="text" icon={<AuditOutlined />} aria-label={said} title={said} onClick={() => void go("/waiting")} />
    </Badge>
  );
}
