// How long there is for the first response, or how it went.

import { CheckCircleOutlined, ClockCircleOutlined, FieldTimeOutlined } from "@ant-design/icons";
import { Tag } from "antd";
import { useWords } from "../../app/words";
import { Ago } from "../../parts/Moment";
import type { Case } from "./names";

const SOON_S = 600;
const words = {
  answered: { en: "Answered in time", zh: "已按时响应" },
  tardy: { en: "Answered late", zh: "响应超时" },
  late: { en: "Late: due", zh: "已超时：" },
  due: { en: "Due", zh: "限" },
};

export function Clock({ about: { responded_at, late, left_s, due_at } }: { about: Case }) {
  const t = useWords(words);
  if (responded_at !== null)
    return (
      <Tag color={late ? "warning" : "success"} icon={<CheckCircleOutlined />}>
        {late ? t.tardy : t.answered}
      </Tag>
    );
  return (
    <Tag
      color={late ? "error" : left_s < SOON_S ? "warning" : "processing"}
      icon={late ? <FieldTimeOutlined /> : <ClockCircleOutlined />}
    >
      {late ? t.late : t.due} <Ago at={due_at} />
    </Tag>
  );
}
