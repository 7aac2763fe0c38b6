// Why a payment did not go through, that nothing was taken, and what to do now.

import type { Checkout, Payment } from "../../app/checkout";
import { language, useWords } from "../../app/language";
import { money } from "../../app/money";
import { Sign } from "../../parts/Status";

export function Failure({ page, payment }: { page: Checkout; payment: Payment }) {
  const words = useWords();
  const { what, next } = useReason(page, payment);
  return (
    <section className="card failure" id="result" role="status" data-state={payment.state}>
      <Sign mood={payment.state === "CANCELLED" ? "note" : "bad"} />
      <div>
        <h1>{words.failed}</h1>
        <p>{what}</p>
        <p className="hint">
          {words.notTaken}
          {next ?? words.chooseOther}
        </p>
      </div>
    </section>
  );
}

/** What has happened and what to do, in the language of the page. */
export function useReason(page: Checkout, payment: Payment) {
  const words = useWords();
  const tongue = language() === "en" ? "en" : "zh";
  const { refusal, remedy } = payment;
  if (remedy !== null) return { what: remedy.what[tongue], next: remedy.next[tongue] };
  if (refusal === null) return { what: words.ends[payment.state] ?? words.ends.FAILED, next: null };
  if (refusal.code === "limit_exceeded" && refusal.title) {
    const left = money(refusal.remaining ?? 0, page.currency);
    return { what: words.limit(refusal.title[tongue], left), next: null };
  }
  return { what: words.refusals[refusal.code] ?? words.ends.REFUSED, next: null };
}
