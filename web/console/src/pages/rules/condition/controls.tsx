// The controls of the builder, as the rest of the console looks.

import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Checkbox, Select } from "antd";
import type { ActionProps, FieldSelectorProps, NotToggleProps, VersatileSelectorProps } from "react-querybuilder";
import { useWords } from "../../../app/words";
import type { Row } from "./Builder";

const words = { not: { en: "Not", zh: "取反" } };

/** A choice among few; nothing where there is none to make. */
export function Few({ options, value, handleOnChange, title, disabled }: VersatileSelectorProps) {
  if (options.length === 1) return null;
  return (
    <Select
      size="middle"
      aria-label={title}
      options={options as { name: string; label: string }[] /* no groups of options are given */}
      fieldNames={{ value: "name" }}
      value={value as string}
      disabled={disabled}
      popupMatchSelectWidth={false}
      onChange={(chosen) => handleOnChange(chosen)}
    />
  );
}

/** The fact a row asks about, found by its name or by what it means. */
export function FactChoice({ options, value, handleOnChange, title }: FieldSelectorProps) {
  // No groups of options are given.
  const rows = (options as Row[]).map(({ name, label }) => ({ name, label }));
  return (
    <Select
      showSearch={{ filterOption: (typed, row) => `${row?.name} ${row?.label}`.toLowerCase().includes(typed.toLowerCase()) }}
      aria-label={title}
      className="condition-fact"
      options={rows}
      fieldNames={{ value: "name" }}
      optionRender={({ data }) => (
        <span>
          <span className="mono">{data.name.startsWith("~") ? "SQL" : data.name}</span>
          <br />
          <small>{data.label}</small>
        </span>
      )}
      labelRender={({ value: name }) => <span className="mono">{String(name).startsWith("~") ? "SQL" : name}</span>}
      value={value}
      popupMatchSelectWidth={360}
      onChange={(chosen: string) => handleOnChange(chosen)}
    />
  );
}

export function Add({ handleOnClick, label, title }: ActionProps) {
  return (
    <Button size="small" icon={<PlusOutlined />} title={title} onClick={(event) => handleOnClick(event)}>
      {label}
    </Button>
  );
}

export function Remove({ handleOnClick, title }: ActionProps) {
  return <Button type="text" icon={<CloseOutlined />} aria-label={title} title={title} onClick={(event) => handleOnClick(event)} />;
}

export function Not({ checked, handleOnChange }: NotToggleProps) {
  const t = useWords(words);
  return (
    <Checkbox checked={checked} onChange={(event) => handleOnChange(event.target.checked)}>
      {t.not}
    </Checkbox>
  );
}
