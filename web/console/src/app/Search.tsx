// One field finds everything that has an id.

import { SearchOutlined } from "@ant-design/icons";
import { Input, type InputRef } from "antd";
import { useRef } from "react";
import { useNavigate } from "react-router";
import { useKey } from "./keys";
import { useWords } from "./words";

const words = {
  hint: {
    en: "Search: payment, order, customer, device, card tail  ( / )",
    zh: "搜索：付款、订单、客户、设备、卡尾号（ / ）",
  },
  label: { en: "Search", zh: "搜索" },
};

export function Search() {
  const t = useWords(words);
  const field = useRef<InputRef>(null);
  const go = useNavigate();
  useKey("/", () => field.current?.focus());
  return (
    <search style={{ flex: 1, maxWidth: 560 }}>
      <Input
        ref={field}
        aria-label={t.label}
        placeholder={t.hint}
        prefix={<SearchOutlined />}
        allowClear
        onPressEnter={(event) => {
          const wanted = event.currentTarget.value.trim();
          if (wanted !== "") void go(`/search?q=${encodeURIComponent(wanted)}`);
        }}
      />
    </search>
  );
}
