// A moment in the time zone that is chosen, the exact one on hover.

import { Tooltip } from "antd";
import { useEffect, useMemo, useState } from "react";
import { clockNow } from "../app/clock";
import { usePreferences } from "../app/preferences";

/** Writes moments (RFC 3339) as the person wants them. */
export function useMoment(): (at: string) => string {
  const { language, zone } = usePreferences();
  return useMemo(() => {
    const form = new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", {
      timeZone: zone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hour12: false,
    });
    return (at) => form.format(new Date(at));
  }, [language, zone]);
}

export function Moment({ at }: { at: string | null | undefined }) {
  const write = useMoment();
  if (!at) return <span>—</span>;
  return (
    <Tooltip title={at}>
      <time dateTime={at} style={{ whiteSpace: "nowrap" }}>
        {write(at)}
      </time>
    </Tooltip>
  );
}

/** How long ago, or how long until; counted on. */
export function Ago({ at }: { at: string }) {
  const { language } = usePreferences();
  const [now, setNow] = useState(clockNow);
  useEffect(() => {
    const timer = window.setInterval(() => setNow(clockNow()), 1_000);
    return () => window.clearInterval(timer);
  }, []);
  return (
    <Tooltip title={<Moment at={at} />}>
      <time dateTime={at} style={{ whiteSpace: "nowrap" }}>
        {spell((Date.parse(at) - now) / 1_000, language)}
      </time>
    </Tooltip>
  );
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

function spell(seconds: number, language: string): string {
  const form = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return form.format(Math.trunc(seconds / size), unit);
}
