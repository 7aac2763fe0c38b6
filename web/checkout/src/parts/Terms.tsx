// Every term of a mandate, in words of whoever has never heard of one.

import type { ReactNode } from "react";
import type { Schemas } from "../app/api";
import { useWords } from "../app/language";
import { money, time } from "../app/money";

export function Terms({ mandate }: { mandate: Schemas["ShownMandate"] }) {
  const words = useWords();
  const { currency } = mandate;
  const terms: [string, ReactNode][] = [
    [words.purpose, mandate.purpose],
    [words.perPayment, money(mandate.per_payment, currency)],
    [words.perDay, money(mandate.per_day, currency)],
    [words.perMonth, money(mandate.per_month, currency)],
    [words.from, mandate.agreed_at === null ? words.whenAgreed : time(mandate.agreed_at)],
    [words.until, time(mandate.ends_at)],
    [words.device, mandate.one_tap ? words.boundDevice : words.anyDevice],
  ];
  return (
    <dl className="terms">
      {terms.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
