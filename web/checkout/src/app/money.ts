// Amounts and times as a payer reads them. Natural days are Beijing's, wherever the payer is.

// Digits after the point where they are not two (ISO 4217; what Intl knows is CLDR's opinion).
const NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(" ");
const THREE = "BHD IQD JOD KWD LYD OMR TND".split(" ");
const SIGNS: Record<string, string> = { CNY: "¥", USD: "US$", EUR: "€", HKD: "HK$", JPY: "JP¥" };

export const digitsOf = (currency: string): number =>
  NONE.includes(currency) ? 0 : THREE.includes(currency) ? 3 : 2;

/** 1234567 fen: `12,345.67`. */
export function figures(minor: number, currency: string): string {
  const digits = digitsOf(currency);
  const [whole, part] = (minor / 10 ** digits).toFixed(digits).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return part === undefined ? grouped : `${grouped}.${part}`;
}

export const signOf = (currency: string): string => SIGNS[currency] ?? currency;

/** `¥12,345.67`; for a currency without a sign of its own `XYZ 12.00`. */
export function money(minor: number, currency: string): string {
  const sign = SIGNS[currency];
  return sign ? sign + figures(minor, currency) : `${currency} ${figures(minor, currency)}`;
}

/** What somebody typed, in minor units; null for what is no amount. */
export function parsed(text: string, currency: string): number | null {
  const digits = digitsOf(currency);
  const form = new RegExp(`^\\d{1,9}(?:\\.\\d{0,${digits}})?$`);
  if (!form.test(text)) return null;
  const minor = Math.round(Number(text) * 10 ** digits);
  return minor > 0 ? minor : null;
}

const SHANGHAI = { timeZone: "Asia/Shanghai", dateStyle: "short" } as const;
const asDay = new Intl.DateTimeFormat("sv-SE", SHANGHAI);
const asTime = new Intl.DateTimeFormat("sv-SE", { ...SHANGHAI, timeStyle: "short" });
/** 2027-02-21, 2027-02-21 12:00. */
export const day = (moment: string): string => asDay.format(new Date(moment));
export const time = (moment: string): string => asTime.format(new Date(moment));

/** 4:05 of so many milliseconds. */
export function clock(left_ms: number): string {
  const seconds = Math.max(0, Math.floor(left_ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
