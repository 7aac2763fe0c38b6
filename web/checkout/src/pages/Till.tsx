// What a till shows of a checkout: a code for the payer's telephone, and by itself how it ended.

import { useMemo } from "react";
import { type Checkout, useCheckout } from "../app/checkout";
import { useLeft } from "../app/left";
import { useWords } from "../app/language";
import { clock, money } from "../app/money";
import { Price } from "../parts/Bill";
import { Code } from "../parts/Code";
import { Shell } from "../parts/Shell";
import { Loading, Status, Unread } from "../parts/Status";

const follows = (page: Checkout): boolean => page.state === "OPEN" || page.state === "PAYING";

export function Till({ id, pageKey }: { id: string; pageKey: string }) {
  const words = useWords();
  const opened = useMemo(() => ({ checkout: id, key: pageKey }), [id, pageKey]);
  const { page, problem, refresh, skew_ms } = useCheckout(opened, follows, true);
  const left = useLeft(page?.expires_at ?? null, skew_ms);
  if (page === null)
    return <Shell>{problem === null ? <Loading /> : <Unread problem={problem} again={refresh} />}</Shell>;
  return (
    <Shell>
      {problem !== null && <p className="banner" role="alert">{words.offlineBanner}</p>}
      <section className="card till">
        {follows(page) ? (
          <>
            <p className="payee">{page.payee_name}</p>
            <Price minor={page.amount} currency={page.currency} />
            <h1>{page.state === "PAYING" ? words.tillPaying : words.tillTitle}</h1>
            {page.code !== null && <Code rows={page.code} label={words.tillTitle} />}
            <p className="hint">{words.tillHint}</p>
            {left !== null && <p className="hint count">{words.codeLeft(clock(left))}</p>}
          </>
        ) : (
          <Ended page={page} />
        )}
      </section>
    </Shell>
  );
}

function Ended({ page }: { page: Checkout }) {
  const words = useWords();
  if (page.state === "PAID")
    return (
      <Status mood="good" title={words.tillPaid} state="SUCCEEDED">
        <p className="price">{money(page.amount, page.currency)}</p>
        {page.order !== null && <p className="hint">{`${words.order} ${page.order}`}</p>}
      </Status>
    );
  const title = page.state === "EXPIRED" ? words.expired : words.closed;
  return <Status mood="note" title={title} state={page.state} />;
}
