// The parts of a page, one at a time, kept in the address: tabs, and on a telephone a choice.

import { Grid, Select, Tabs } from "antd";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";

interface PartsProps {
  /** What the choice is called. */
  label: string;
  items: { key: string; label: string; children: ReactNode }[];
}

export function Parts({ label, items }: PartsProps) {
  const { lg: wide = true } = Grid.useBreakpoint();
  const [params, setParams] = useSearchParams();
  const here = params.get("part") ?? items[0].key;
  const choose = (part: string) => setParams({ part }, { replace: true });
  if (wide) return <Tabs activeKey={here} onChange={choose} destroyOnHidden items={items} />;
  return (
    <>
      <Select
        aria-label={label}
        value={here}
        onChange={choose}
        options={items.map(({ key, label: name }) => ({ value: key, label: name }))}
        style={{ width: "100%", marginBottom: 12 }}
      />
      {items.find(({ key }) => key === here)?.children}
    </>
  );
}
