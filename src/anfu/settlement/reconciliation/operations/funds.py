"""Funds: the second leg, a day's trade bill against what moved on our account with the channel.

Matched by the channel's own number; of one number all that moved is taken together. Fees are
compared in total, since a channel books them one by one or at the end of the day. What the channel
paid out is expected at our bank.
"""

from __future__ import annotations

from datetime import datetime

from anfu.kernel.ids import Entropy, new_ids
from anfu.settlement.reconciliation.bill import KeptBill
from anfu.settlement.reconciliation.item import PREFIX
from anfu.storage.transaction import Tx

# What waits from earlier days and has moved now.
_LATE = """
WITH moved AS (
    SELECT kind, reference, currency, min(row) AS row, sum(amount)::bigint AS amount, max(at) AS at
      FROM rc_fund WHERE kind IN ('PAYMENT', 'REFUND') GROUP BY kind, reference, currency
), hit AS (
    SELECT i.id, m.* FROM settlement.item i JOIN moved m
        ON m.reference = i.reference AND (m.amount, m.currency) = (i.our_amount, i.our_currency)
     WHERE i.channel = $1 AND i.leg = 'FUND' AND i.state IN ('IN_DOUBT', 'SHORT') AND i.day < $3
       AND NOT EXISTS (SELECT FROM rc_line l WHERE l.reference = i.reference AND l.state = 'DONE')
), used AS (
    DELETE FROM rc_fund f USING hit WHERE (f.kind, f.reference) = (hit.kind, hit.reference)
)
UPDATE settlement.item i
   SET state = 'MATCHED', row = hit.row, line_amount = hit.amount, line_currency = hit.currency,
       line_state = 'DONE', line_at = hit.at, matched_bill = $2, updated_at = $4
  FROM hit WHERE i.id = hit.id
"""
_MISSED = """
UPDATE settlement.item SET state = 'SHORT', updated_at = $3
 WHERE channel = $1 AND leg = 'FUND' AND state = 'IN_DOUBT' AND day < $2 AND updated_at < $3
"""
_JUDGED = """
CREATE TEMPORARY TABLE rc_moved (
    verdict text, row integer, number text, reference text, line_amount bigint,
    line_currency text, line_at timestamptz, our_amount bigint, our_currency text,
    our_at timestamptz, fee bigint, due bigint
) ON COMMIT DROP
"""
_JUDGE = """
INSERT INTO rc_moved
WITH fund AS (
    SELECT kind, reference, min(number) AS number, min(row) AS row,
           sum(amount)::bigint AS amount, min(currency) AS currency, max(at) AS at
      FROM rc_fund WHERE kind IN ('PAYMENT', 'REFUND') GROUP BY kind, reference
), trade AS (
    SELECT kind, reference, min(number) AS number, max(at) AS at, min(currency) AS currency,
           sum(CASE kind WHEN 'REFUND' THEN -amount ELSE amount END)::bigint AS amount
      FROM rc_line WHERE state = 'DONE' GROUP BY kind, reference
), fees AS (
    SELECT currency, sum(charged)::bigint AS charged, sum(told)::bigint AS told FROM (
        SELECT currency, -amount AS charged, 0 AS told FROM rc_fund WHERE kind = 'FEE'
        UNION ALL SELECT currency, 0, fee FROM rc_line WHERE state = 'DONE') AS both_sides
    GROUP BY currency
)
SELECT CASE WHEN t.reference IS NULL THEN 'LONG' WHEN f.reference IS NULL THEN 'IN_DOUBT'
            WHEN f.currency <> t.currency THEN 'CURRENCY_MISMATCH'
            WHEN f.amount <> t.amount THEN 'AMOUNT_MISMATCH' ELSE 'MATCHED' END,
       f.row, coalesce(t.number, f.number, ''), coalesce(t.reference, f.reference), f.amount,
       f.currency, f.at, t.amount, t.currency, t.at, NULL::bigint, NULL::bigint
  FROM fund f FULL JOIN trade t ON t.kind = f.kind AND t.reference = f.reference
UNION ALL
SELECT 'LONG', row, coalesce(number, ''), reference, amount, currency, at, NULL, NULL, NULL, NULL,
       NULL FROM rc_fund WHERE kind = 'OTHER'
UNION ALL
SELECT 'FEE_MISMATCH', 0, '', 'fees', NULL, currency, $1, NULL, NULL, NULL, charged, told
  FROM fees WHERE charged <> told
UNION ALL
SELECT 'EXPECTED', NULL, '', reference, NULL, NULL, NULL, -amount, currency, at, NULL, NULL
  FROM rc_fund WHERE kind = 'SETTLEMENT'
"""
_SUMS = """
INSERT INTO settlement.bill_sum (bill, class, currency, lines, line_sum, fee_sum, ours, our_sum)
SELECT $1, verdict, currency, sum(lines), sum(line_sum), sum(fee), sum(ours), sum(our_sum) FROM (
    SELECT verdict, line_currency AS currency, count(*) AS lines,
           sum(coalesce(line_amount, 0)) AS line_sum, sum(coalesce(fee - due, 0)) AS fee, 0 AS ours,
           0 AS our_sum
      FROM rc_moved WHERE row IS NOT NULL GROUP BY 1, 2
    UNION ALL
    SELECT verdict, our_currency, 0, 0, 0, count(*), sum(our_amount)
      FROM rc_moved WHERE our_amount IS NOT NULL GROUP BY 1, 2
) AS side GROUP BY verdict, currency
"""
_KEEP = """
INSERT INTO settlement.item (id, bill, channel, leg, day, class, state, number, refund, reference,
    row, line_amount, line_currency, line_fee, line_state, line_at, fee_due, our_amount,
    our_currency, our_state, our_at, found_at, updated_at)
SELECT ($1::text[])[row_number() OVER (ORDER BY row NULLS LAST, reference)], $2, $3,
       CASE verdict WHEN 'EXPECTED' THEN 'BANK' ELSE 'FUND' END, $4,
       CASE WHEN verdict IN ('IN_DOUBT', 'EXPECTED') THEN 'SHORT' ELSE verdict END, verdict,
       number, '', reference, row, line_amount, line_currency, fee,
       CASE WHEN row IS NOT NULL THEN 'DONE' END, line_at, due, our_amount, our_currency,
       CASE WHEN our_amount IS NOT NULL THEN 'DONE' END, our_at, $5, $5
  FROM rc_moved WHERE verdict <> 'MATCHED'
"""


async def match(tx: Tx, *, bill: KeptBill, entropy: Entropy, now: datetime) -> None:
    """Classify every movement that `working` has loaded and every line of the trade bill."""
    about = (bill.channel, bill.id, bill.day, now)
    await tx.execute(_LATE, *about)
    await tx.execute(_MISSED, bill.channel, bill.day, now)
    await tx.execute(_JUDGED)
    await tx.execute(_JUDGE, now)
    await tx.execute(_SUMS, bill.id)
    count = await tx.fetchval("SELECT count(*) FROM rc_moved WHERE verdict <> 'MATCHED'")
    ids = sorted(new_ids(PREFIX, count, now=now, entropy=entropy))
    await tx.execute(_KEEP, ids, bill.id, bill.channel, bill.day, now)


async def currencies_of(tx: Tx) -> list[str]:
    """Those of both working tables."""
    rows = await tx.fetch(
        "SELECT currency FROM rc_line UNION SELECT currency FROM rc_fund ORDER BY currency"
    )
    return [row["currency"] for row in rows]
