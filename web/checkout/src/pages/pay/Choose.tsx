// The ways of paying; after one that failed, why it did and the others.

import { type RefObject, useState } from "react";
import { ask, once } from "../../app/api";
import type { Checkout } from "../../app/checkout";
import { session } from "../../app/device";
import { useLeft } from "../../app/left";
import { useWords } from "../../app/language";
import { clock, money } from "../../app/money";
import { sceneOf } from "../../app/scene";
import { useTask } from "../../app/task";
import { Trouble } from "../../parts/Status";
import { Badge } from "./Badge";
import { orRefresh, type Own } from "./own";

type Offer = Checkout["methods"][number];

export function Choose({ tapped, ...own }: Own & { tapped: RefObject<boolean> }) {
  const { page, opened } = own;
  const words = useWords();
  const task = useTask();
  const left = useLeft(page.expires_at, own.skew_ms);
  const failed = page.payment?.method ?? null;
  const [chosen, setChosen] = useState(() => preferred(page, failed));
  const pay = () =>
    task.run(() =>
      orRefresh(own, async () => {
        const device = await session();
        const { amount, currency } = page;
        const wish = { ...opened, once: once(), method: chosen, scene: sceneOf(), session: device };
        tapped.current = true;
        own.show(await ask("/v1/checkout/pay", { ...wish, shown: { amount, currency } }));
      }),
    );
  return (
    <>
      <section className="card choose" id="choose">
        <fieldset disabled={task.busy}>
          <legend>{words.payWith}</legend>
          {page.methods.map((offer, number) => (
            <label key={number} className="method" data-method={number}>
              <Badge offer={offer} />
              <span className="names">
                <strong>{nameOf(offer, words)}</strong>
                <span>{number === failed ? words.failedHere : hintOf(offer, words)}</span>
              </span>
              <input type="radio" name="method" checked={chosen === number}
                onChange={() => setChosen(number)} />
            </label>
          ))}
        </fieldset>
      </section>
      <div className="bar">
        <Trouble problem={task.problem} />
        <button type="button" id="pay" className="main" onClick={pay} disabled={task.busy}
          aria-busy={task.busy}>
          {task.busy && <span className="spin" aria-hidden="true" />}
          {words.pay(money(page.amount, page.currency))}
        </button>
        <p className="hint">
          {left !== null && left < 600_000 ? words.leftToPay(clock(left)) : words.safe}
        </p>
      </div>
    </>
  );
}

/** Of what was scanned the network that has opened it; else the first that has not just failed. */
function preferred(page: Checkout, failed: number | null): number {
  const named = new URLSearchParams(location.search).get("method");
  const found = page.methods.findIndex((offer, n) => offer.method === named && n !== failed);
  if (found >= 0) return found;
  const other = page.methods.findIndex((_, number) => number !== failed);
  return other >= 0 ? other : 0;
}

type Words = ReturnType<typeof useWords>;

export function nameOf(offer: Offer, words: Words): string {
  if (offer.on_file) return offer.label ?? words.card;
  return offer.label ?? words.methods[offer.method] ?? offer.method;
}

function hintOf(offer: Offer, words: Words): string {
  if (offer.on_file) return words.hints.card;
  return words.hints[offer.method] ?? words.hints.other;
}
