// How it ended, and what to do next.

import { useWords } from "../../app/language";
import { time } from "../../app/money";
import { useReason } from "../../parts/reason";
import { Status } from "../../parts/Status";
import { nameOf } from "./Choose";
import type { Own } from "./own";

export function Result({ page }: Own) {
  const words = useWords();
  return (
    <section className="card">
      {page.state === "PAID" ? <Paid page={page} /> : <Over page={page} />}
      {page.return_url !== null && (
        <a className="main" id="return" href={page.return_url} rel="noreferrer">
          {words.toShop}
        </a>
      )}
    </section>
  );
}

function Paid({ page }: Pick<Own, "page">) {
  const words = useWords();
  const { payment } = page;
  return (
    <Status mood="good" title={words.paid} state="SUCCEEDED">
      <p>{words.paidNext}</p>
      {payment !== null && (
        <dl className="terms">
          <div>
            <dt>{words.paidWith}</dt>
            <dd>{nameOf(page.methods[payment.method], words)}</dd>
          </div>
          <div>
            <dt>{words.paidOn}</dt>
            <dd>{time(payment.updated_at)}</dd>
          </div>
          <div>
            <dt>{words.number}</dt>
            <dd className="number">{payment.id}</dd>
          </div>
        </dl>
      )}
    </Status>
  );
}

function Over({ page }: Pick<Own, "page">) {
  const words = useWords();
  if (page.payment?.state === "BLOCKED")
    return (
      <Status mood="bad" title={words.blocked} state="BLOCKED">
        <p>{words.blockedNext}</p>
      </Status>
    );
  const expired = page.state === "EXPIRED";
  return (
    <Status mood="note" title={expired ? words.expired : words.closed} state={page.state}>
      {page.payment !== null && <Why page={page} />}
      <p>{expired ? words.expiredNext : words.closedNext}</p>
    </Status>
  );
}

function Why({ page }: Pick<Own, "page">) {
  const { what } = useReason(page.currency, page.payment as NonNullable<Own["page"]["payment"]>);
  return <p>{what}</p>;
}
