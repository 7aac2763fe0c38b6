// A payment under way: at the network, with a reviewer, or not known yet. The page follows it.

import { type RefObject, useState } from "react";
import { ask, once } from "../../app/api";
import { useWords } from "../../app/language";
import { useTask } from "../../app/task";
import { Status, Trouble } from "../../parts/Status";
import { Handover } from "./Handover";
import { orRefresh, type Own } from "./own";

// By then an honest network has answered.
const LONG_MS = 30_000;

export function Going({ tapped, ...own }: Own & { tapped: RefObject<boolean> }) {
  const { page, opened } = own;
  const words = useWords();
  const task = useTask();
  const [still, setStill] = useState(false);
  const payment = page.payment;
  const giveUp = () =>
    task.run(() =>
      orRefresh(own, async () => {
        const after = await ask("/v1/checkout/cancel", { ...opened, once: once() });
        setStill(after.state === "PAYING");
        own.show(after);
      }),
    );
  if (payment === null) return null;
  const waits = payment.state === "AWAITING" || payment.state === "IN_REVIEW";
  return (
    <section className="card going">
      {payment.state === "AWAITING" && payment.handover !== null ? (
        <Handover {...own} payment={payment} handover={payment.handover} tapped={tapped} />
      ) : (
        <Waiting {...own} />
      )}
      <Trouble problem={task.problem} />
      {still && <p className="banner" role="status">{words.stillOpen}</p>}
      {waits && (
        <button type="button" className="link" onClick={giveUp} disabled={task.busy} id="cancel">
          {payment.state === "AWAITING" ? words.other_way : words.giveUp}
        </button>
      )}
    </section>
  );
}

function Waiting({ page }: Own) {
  const words = useWords();
  const state = page.payment?.state ?? "SENDING";
  if (state === "IN_REVIEW")
    return (
      <Status mood="wait" title={words.reviewing} state={state}>
        <p>{words.reviewingNext}</p>
      </Status>
    );
  const long = Date.parse(page.now) - Date.parse(page.payment?.updated_at ?? page.now) > LONG_MS;
  return (
    <Status mood="wait" title={words.waiting} state={state}>
      <p>{long ? words.waitingLong : words.waitingNext}</p>
    </Status>
  );
}
