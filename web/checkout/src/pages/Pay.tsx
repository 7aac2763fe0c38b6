// A checkout: what is bought, the ways of paying, how the payment stands, and how it was.

import { useEffect, useMemo, useRef } from "react";
import { said } from "../app/api";
import { type Checkout, useCheckout } from "../app/checkout";
import { begin } from "../app/device";
import { useWords } from "../app/language";
import { Bill } from "../parts/Bill";
import { Rate } from "../parts/Rate";
import { Shell } from "../parts/Shell";
import { Loading, Unread } from "../parts/Status";
import { Failure } from "./pay/Failure";
import { Choose } from "./pay/Choose";
import { Prove } from "./pay/Prove";
import { Result } from "./pay/Result";
import { Going } from "./pay/Going";

// What only the payer can move on is not asked about: the page moves it on itself.
const follows = (page: Checkout): boolean =>
  page.state === "PAYING" && page.payment?.state !== "CHALLENGED";

export function Pay({ id, pageKey }: { id: string; pageKey: string }) {
  const words = useWords();
  const opened = useMemo(() => ({ checkout: id, key: pageKey }), [id, pageKey]);
  const following = useCheckout(opened, follows);
  const { page, problem, show, refresh, skew_ms } = following;
  const tapped = useRef(false);
  const payable = page !== null && page.state === "OPEN";
  useEffect(() => {
    if (payable) begin(opened);
  }, [payable, opened]);

  if (page === null)
    return (
      <Shell>{problem === null ? <Loading /> : <Unread problem={problem} again={refresh} />}</Shell>
    );
  const own = { page, opened, show, refresh, skew_ms };
  const over = page.state !== "OPEN" && page.state !== "PAYING";
  return (
    <Shell>
      {problem !== null && (
        <p className="banner" role="alert">
          {problem.code === "offline" ? words.offlineBanner : said(problem, words).title}
        </p>
      )}
      {over && <Result {...own} />}
      {over && page.tries > 0 && <Rate page={page} opened={opened} show={show} />}
      {page.state === "OPEN" && page.payment !== null && (
        <Failure page={page} payment={page.payment} />
      )}
      <Bill page={page} brief={page.state === "PAYING"} />
      {page.state === "OPEN" && <Choose {...own} tapped={tapped} />}
      {page.state === "PAYING" && page.payment?.state === "CHALLENGED" && <Prove {...own} />}
      {page.state === "PAYING" && page.payment?.state !== "CHALLENGED" && (
        <Going {...own} tapped={tapped} />
      )}
    </Shell>
  );
}
