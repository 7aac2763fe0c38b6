// Filters that are kept in the address, so that a list can be sent to a colleague.

import { Flex, Input, Select, Typography } from "antd";
import { type ReactNode, useMemo } from "react";
import { useSearchParams } from "react-router";

export interface Filters {
  /** What is asked for, without what is empty. */
  values: Record<string, string>;
  set: (name: string, value: string | undefined) => void;
  /** Several in one step. */
  setAll: (changed: Record<string, string | undefined>) => void;
}

/** The filters of those names that the address holds. `names` must be a constant of its module. */
export function useFilters(names: readonly string[]): Filters {
  const [params, setParams] = useSearchParams();
  const values = useMemo(
    () =>
      Object.fromEntries(
        names.map((name) => [name, params.get(name) ?? ""] as const).filter(([, value]) => value !== ""),
      ),
    [names, params],
  );
  const setAll = (changed: Record<string, string | undefined>) =>
    setParams(
      (held) => {
        for (const [name, value] of Object.entries(changed)) {
          if (value) held.set(name, value);
          else held.delete(name);
        }
        return held;
      },
      { replace: true },
    );
  return { values, set: (name, value) => setAll({ [name]: value }), setAll };
}

interface FilterProps {
  filters: Filters;
  name: string;
  label: string;
}

export function Choice({ filters, name, label, options }: FilterProps & { options: { value: string; label: string }[] }) {
  return (
    <Labelled label={label}>
      <Select
        allowClear
        showSearch={{ optionFilterProp: "label" }}
        aria-label={label}
        options={options}
        value={filters.values[name]}
        onChange={(value?: string) => filters.set(name, value)}
        style={{ minWidth: 150 }}
        popupMatchSelectWidth={false}
      />
    </Labelled>
  );
}

export function TextFilter({ filters, name, label }: FilterProps) {
  return (
    <Labelled label={label}>
      <Input
        key={filters.values[name]}
        allowClear
        aria-label={label}
        defaultValue={filters.values[name]}
        onBlur={(event) => filters.set(name, event.target.value.trim())}
        onPressEnter={(event) => filters.set(name, event.currentTarget.value.trim())}
        onClear={() => filters.set(name, undefined)}
        style={{ width: 200 }}
      />
    </Labelled>
  );
}

export function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Flex vertical gap={2}>
      <Typography.Text type="secondary" style={{ fontSize: 12 }}>
        {label}
      </Typography.Text>
      {children}
    </Flex>
  );
}
