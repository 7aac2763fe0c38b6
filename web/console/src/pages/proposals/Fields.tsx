// A free document of the API, field by field.

import { Descriptions } from "antd";

export function Fields({ document }: { document: object }) {
  const fields = flat(document, "").filter(([, value]) => value !== "null" && value !== "");
  return (
    <Descriptions
      size="small"
      column={1}
      items={fields.map(([name, value]) => ({
        key: name,
        label: <span className="mono">{name}</span>,
        children: <span style={{ overflowWrap: "anywhere" }}>{value}</span>,
      }))}
    />
  );
}

/** `{a: {b: 1}}` as `[["a.b", "1"]]`; lists are joined by commas. */
function flat(value: unknown, name: string): [string, string][] {
  if (Array.isArray(value) && value.every((item) => typeof item !== "object")) return [[name, value.join(", ")]];
  if (typeof value !== "object" || value === null) return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => flat(inner, name === "" ? key : `${name}.${key}`));
}
