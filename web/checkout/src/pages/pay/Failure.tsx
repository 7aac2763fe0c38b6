// Why a payment did not go through, that nothing was taken, and what to do now.

import type { Checkout, Payment } from "../../app/checkout";
import { useWords } from "../../app/language";
import { useReason } from "../../parts/reason";
import { Sign } from "../../parts/Status";

export function Failure({ page, payment }: { page: Checkout; payment: Payment }) {
  const words = useWords();
  const { what, next } = useReason(page.currency, payment);
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
