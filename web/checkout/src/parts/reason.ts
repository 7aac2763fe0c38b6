// Why a payment did not go through.

import type { Payment } from "../app/checkout";
import { language, useWords } from "../app/language";
import { money } from "../app/money";

/** What has happened and what to do, in the language of the page. */
export function useReason(currency: string, payment: Pick<Payment, "state" | "refusal" | "remedy">) {
  const words = useWords();
  const tongue = language() === "en" ? "en" : "zh";
  const { refusal, remedy } = payment;
  if (remedy !== null) return { what: remedy.what[tongue], next: remedy.next[tongue] };
  if (refusal === null) return { what: words.ends[payment.state] ?? words.ends.FAILED, next: null };
  if (refusal.code === "limit_exceeded" && refusal.title) {
    const left = money(refusal.remaining ?? 0, currency);
    return { what: words.limit(refusal.title[tongue], left), next: null };
  }
  return { what: words.refusals[refusal.code] ?? words.ends.REFUSED, next: null };
}
