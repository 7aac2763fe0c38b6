// Payee, amount and what is bought: what a payer confirms before paying (43号 art. 27).

import type { Checkout } from "../app/checkout";
import { figures, money, signOf } from "../app/money";
import { useWords } from "../app/language";

export function Price({ minor, currency }: { minor: number; currency: string }) {
  return (
    <p className="price" id="amount">
      <span className="currency">{signOf(currency)}</span>
      {figures(minor, currency)}
    </p>
  );
}

export function Bill({ page, brief = false }: { page: Checkout; brief?: boolean }) {
  const words = useWords();
  return (
    <section className="card bill" id="bill">
      <p className="hint">{words.payee}</p>
      <p className="payee" id="payee">
        {page.payee_name}
      </p>
      <Price minor={page.amount} currency={page.currency} />
      {!brief && <Lines page={page} />}
    </section>
  );
}

function Lines({ page }: { page: Checkout }) {
  const words = useWords();
  const whole = page.lines.length === 0 ? [null] : page.lines;
  return (
    <div className="bought">
      <h2>{words.bought}</h2>
      <ul id="lines">
        {whole.map((line, number) => (
          // Lines have no names of their own, and never change.
          <li key={number}>
            <span className="what">{line === null ? page.description : line.name}</span>
            {line !== null && line.quantity > 1 && (
              <span className="many">{words.quantity(line.quantity)}</span>
            )}
            <span className="sum">{money(line?.amount ?? page.amount, page.currency)}</span>
          </li>
        ))}
      </ul>
      {page.order !== null && (
        <p className="order" id="order">
          {words.order} <span>{page.order}</span>
        </p>
      )}
    </div>
  );
}
