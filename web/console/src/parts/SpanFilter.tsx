// Filters of a stretch of time and of a range of amounts, kept in the address.

import { DatePicker, Flex, Input } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useWords } from "../app/words";
import { type Filters, Labelled } from "./filters";
import { decimalOf, minorOf } from "./Money";

const words = {
  span: { en: "Made between", zh: "创建时间" },
  from: { en: "From", zh: "起" },
  until: { en: "Until", zh: "止" },
  amount: { en: "Amount (yuan)", zh: "金额（元）" },
  least: { en: "At least", zh: "不低于" },
  most: { en: "At most", zh: "不高于" },
};

/** `from` and `until`, as the API names them. */
export function SpanFilter({ filters }: { filters: Filters }) {
  const t = useWords(words);
  const { from, until } = filters.values;
  const moment = (at: string | undefined) => (at === undefined ? null : dayjs(at));
  const text = (at: Dayjs | null | undefined) => at?.toISOString();
  return (
    <Labelled label={t.span}>
      <DatePicker.RangePicker
        showTime={{ format: "HH:mm" }}
        format="MM-DD HH:mm"
        allowEmpty={[true, true]}
        aria-label={t.span}
        placeholder={[t.from, t.until]}
        value={[moment(from), moment(until)]}
        onChange={(chosen) => filters.setAll({ from: text(chosen?.[0]), until: text(chosen?.[1]) })}
        style={{ width: 268, maxWidth: "100%" }}
      />
    </Labelled>
  );
}

/** `least` and `most`, typed in yuan and kept in fen. */
export function AmountFilter({ filters }: { filters: Filters }) {
  const t = useWords(words);
  return (
    <Labelled label={t.amount}>
      <Flex gap={4}>
        {(["least", "most"] as const).map((name) => (
          <Bound key={name} filters={filters} name={name} label={t[name]} />
        ))}
      </Flex>
    </Labelled>
  );
}

function Bound({ filters, name, label }: { filters: Filters; name: "least" | "most"; label: string }) {
  const kept = filters.values[name];
  const give = (typed: string) => filters.set(name, minorOf(typed, "CNY")?.toString());
  return (
    <Input
      key={kept}
      allowClear
      inputMode="decimal"
      aria-label={label}
      placeholder={label}
      defaultValue={kept && decimalOf(Number(kept), "CNY")}
      onBlur={(event) => give(event.target.value)}
      onPressEnter={(event) => give(event.currentTarget.value)}
      onClear={() => filters.set(name, undefined)}
      style={{ width: 104 }}
    />
  );
}
