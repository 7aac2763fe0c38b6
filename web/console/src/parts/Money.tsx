// Amounts: whole minor units (fen, cents) as the API gives them.

import { usePreferences } from "../app/preferences";

/** The digits after the point of a currency, as ISO 4217 has them. */
export function exponentOf(currency: string): number {
  return (
    new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2
  );
}

/** `12345` fen as `123.45`, without ever going through a fraction. */
export function decimalOf(minor: number | bigint, currency: string): string {
  const places = exponentOf(currency);
  const digits = minor.toString().replace("-", "").padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
  const sign = minor < 0 ? "−" : "";
  return places === 0 ? sign + whole : `${sign}${whole}.${digits.slice(-places)}`;
}

/** `123.45` as 12345 fen; null for what is no amount of that currency. */
export function minorOf(text: string, currency: string): number | null {
  const places = exponentOf(currency);
  const found = /^(\d{1,13})(?:\.(\d+))?$/.exec(text.replaceAll(",", "").trim());
  if (found === null || (found[2] ?? "").length > places) return null;
  return Number(found[1] + (found[2] ?? "").padEnd(places, "0"));
}

export function Money({ minor, currency }: { minor: number; currency: string }) {
  const { language } = usePreferences();
  const symbol = new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol" })
    .formatToParts(0)
    .find(({ type }) => type === "currency")?.value;
  return (
    <span className="number" title={currency}>
      {symbol} {decimalOf(minor, currency)}
    </span>
  );
}
