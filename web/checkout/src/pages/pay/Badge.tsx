// A sign of a method, beside its name.

import type { ReactNode } from "react";
import type { Checkout } from "../../app/checkout";

const SIGNS: Record<string, ReactNode> = {
  balance: <path d="M9 13h22v16H9zM9 17h22M25 23h3" />,
  card: <path d="M8 12h24v17H8zM8 17h24M12 24h6" />,
  wechat: <path d="M17 11c-5.5 0-9 3.2-9 7 0 2.2 1.2 4 3.2 5.300L10.5 26l3.3-1.600c1 .3 2 .4 3.2.4 5.5 0 9-3.1 9-6.900s-3.5-6.9-9-6.900zM27 18.500c3 1 5 3.2 5 5.8 0 1.6-.8 3-2.2 4.100l.5 2.1-2.6-1.300c-3.7.9-7.2-.4-8.7-2.9" />,
  alipay: <path d="M11 14h18M20 10v8M12 18h14c-1.5 5-6 10-12.5 10-4 0-4.5-4.5 0-4.8 5-.3 10 2.8 17 5.3" />,
  unionpay: <path d="M14 11h6l-3.5 18h-6zM20.5 11h5L22 29h-5zM26 11h5l-3.5 18h-5z" />,
};

export function Badge({ offer }: { offer: Checkout["methods"][number] }) {
  const kind = offer.on_file || !(offer.method in SIGNS) ? "card" : offer.method;
  return (
    <svg className={`badge of-${kind}`} viewBox="0 0 40 40" aria-hidden="true">
      <rect width="40" height="40" rx="10" />
      {SIGNS[kind]}
    </svg>
  );
}
