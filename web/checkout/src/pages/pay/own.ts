// What every part of the page of a checkout works with.

import { Problem } from "../../app/api";
import type { Checkout, Opened } from "../../app/checkout";

export interface Own {
  page: Checkout;
  opened: Opened;
  show: (page: Checkout) => void;
  refresh: () => Promise<void>;
  skew_ms: number;
}

/** It stands otherwise than this page knew: paid, closed, or begun in another window. */
const OVERTAKEN = /^(checkout_(paid|paying|expired|closed)|payment_not_.*|idempotency_.*)$/;

/** Do it; where the page was overtaken, show how it stands in place of an error. */
export async function orRefresh(own: Own, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Problem) || !OVERTAKEN.test(error.code)) throw error;
    await own.refresh();
  }
}
