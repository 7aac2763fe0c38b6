"""Matching: every line of a trade bill and every payment of its day into exactly one class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from anfu.kernel.ids import Entropy, new_ids
from anfu.settlement.reconciliation.item import PREFIX
from anfu.settlement.reconciliation.terms import Terms
from anfu.storage.transaction import Tx

# $3..$6 are the terms of the fee, half a minor unit rounded up; refunds give theirs back where
# that is agreed.
FEE_DUE = """
CASE WHEN $3::bigint IS NULL THEN NULL
     WHEN l.refund <> '' AND NOT $6 THEN 0
     ELSE (CASE WHEN l.refund <> '' THEN -1 ELSE 1 END) * greatest($4::bigint, least(
          coalesce($5::bigint, 9007199254740991),
          div(l.amount::numeric * $3 + 500000, 1000000)::bigint))
END
"""
_VERDICT = """
CASE
    WHEN l.nth > 1 THEN CASE l.state WHEN 'DONE' THEN 'DUPLICATE' ELSE 'MATCHED' END
    WHEN o.number IS NULL THEN CASE l.state WHEN 'DONE' THEN 'LONG' ELSE 'MATCHED' END
    WHEN l.row IS NULL THEN CASE o.state WHEN 'DONE' THEN 'IN_DOUBT' ELSE 'EXPECTED' END
    WHEN l.state <> 'DONE' AND (s.number IS NOT NULL OR o.state = 'NOT_DONE') THEN 'MATCHED'
    WHEN l.state = 'NOT_DONE' AND o.state = 'DONE' THEN 'STATUS_MISMATCH'
    WHEN l.state <> 'DONE' THEN 'EXPECTED'
    WHEN s.number IS NOT NULL THEN 'DUPLICATE'
    WHEN o.state <> 'DONE' THEN 'LONG'
    WHEN NOT o.inside AND ((o.at + $8::interval) AT TIME ZONE INTERVAL '8 hours')::date = ANY($9)
        THEN 'DUPLICATE'
    WHEN l.currency <> o.currency THEN 'CURRENCY_MISMATCH'
    WHEN l.amount <> o.amount THEN 'AMOUNT_MISMATCH'
    WHEN abs(l.fee - l.due) > $7 THEN 'FEE_MISMATCH'
    WHEN NOT o.inside THEN 'CROSSED'
    ELSE 'MATCHED'
END
"""
# What was paid by a payer's code and reversed stands twice on the bill, the second time as a refund
# under the payment's own number, and moved nothing.
_UNDO = """
UPDATE rc_line l SET state = 'NOT_DONE'
  FROM rc_line paid JOIN rc_line back ON back.number = paid.number AND back.refund = paid.number
 WHERE paid.refund = '' AND (paid.state, back.state) = ('DONE', 'DONE')
   AND (paid.amount, paid.currency) = (back.amount, back.currency)
   AND paid.nth = 1 AND back.nth = 1 AND l.row IN (paid.row, back.row)
"""
_COLUMNS = """
l.row, l.number AS line_number, l.refund AS line_refund, l.reference, l.amount AS line_amount,
l.currency AS line_currency, l.fee, l.state AS line_state, l.at AS line_at, l.due,
o.number AS our_number, o.refund AS our_refund, o.amount AS our_amount,
o.currency AS our_currency, o.state AS our_state, o.at AS our_at
"""
_JUDGED = """
CREATE TEMPORARY TABLE rc_judged (
    verdict text, row integer, line_number text COLLATE "C", line_refund text COLLATE "C",
    reference text, line_amount bigint, line_currency text, fee bigint, line_state text,
    line_at timestamptz, due bigint, our_number text COLLATE "C", our_refund text COLLATE "C",
    our_amount bigint, our_currency text, our_state text, our_at timestamptz
) ON COMMIT DROP
"""
_JUDGE = f"""
INSERT INTO rc_judged
WITH line AS (SELECT l.*, {FEE_DUE} AS due FROM rc_line l),
first AS (SELECT * FROM line WHERE nth = 1),
seen AS MATERIALIZED (
    SELECT DISTINCT i.number, i.refund FROM settlement.item i
      JOIN settlement.bill b ON b.id = i.bill AND b.state = 'IN_FORCE'
     WHERE i.channel = $1 AND i.leg = 'TRADE' AND i.state <> 'VOID' AND i.bill <> $2
       AND (i.row IS NOT NULL OR i.matched_bill IS NOT NULL))
SELECT {_VERDICT} AS verdict, {_COLUMNS}
  FROM first l FULL JOIN rc_ours o ON o.number = l.number AND o.refund = l.refund
  LEFT JOIN seen s ON s.number = o.number AND s.refund = o.refund
 WHERE l.row IS NOT NULL OR (o.inside AND o.state <> 'NOT_DONE' AND s.number IS NULL)
UNION ALL
SELECT {_VERDICT}, {_COLUMNS}
  FROM line l LEFT JOIN rc_ours o ON false LEFT JOIN seen s ON false
 WHERE l.nth > 1
"""
# 'LATE': lines of earlier days' items, used before.
_SUMS = """
INSERT INTO settlement.bill_sum (bill, class, currency, lines, line_sum, fee_sum, ours, our_sum)
SELECT $1, verdict, currency, sum(lines), sum(line_sum), sum(fee_sum), sum(ours), sum(our_sum)
  FROM (
    SELECT verdict, line_currency AS currency, count(*) AS lines, sum(CASE WHEN line_refund <> ''
           THEN -line_amount ELSE line_amount END) AS line_sum, sum(fee) AS fee_sum,
           0 AS ours, 0 AS our_sum
      FROM rc_judged WHERE row IS NOT NULL GROUP BY 1, 2
    UNION ALL
    SELECT verdict, our_currency, 0, 0, 0, count(*), sum(CASE WHEN our_refund <> ''
           THEN -our_amount ELSE our_amount END)
      FROM rc_judged WHERE our_number IS NOT NULL AND verdict <> 'DUPLICATE' GROUP BY 1, 2
    UNION ALL
    SELECT 'LATE', currency, count(*), sum(CASE WHEN refund <> '' THEN -amount ELSE amount END),
           sum(fee), 0, 0
      FROM rc_line WHERE nth = 0 GROUP BY 2
  ) AS side GROUP BY verdict, currency
"""
_KEEP = """
INSERT INTO settlement.item (id, bill, channel, leg, day, class, state, number, refund, reference,
    row, line_amount, line_currency, line_fee, line_state, line_at, fee_due, our_amount,
    our_currency, our_state, our_at, found_at, updated_at)
SELECT ($1::text[])[place], $2, $3, 'TRADE', $4, class, state,
       number, refund, reference, row, line_amount, line_currency, fee, line_state, line_at, due,
       our_amount, our_currency, our_state, our_at, $5, $5
  FROM (
    SELECT row_number() OVER (ORDER BY row NULLS LAST, our_number, our_refund) AS place,
           CASE WHEN verdict IN ('IN_DOUBT', 'EXPECTED') THEN 'SHORT'
                WHEN verdict = 'CROSSED' THEN 'MATCHED' ELSE verdict END AS class,
           CASE WHEN verdict = 'CROSSED' THEN 'MATCHED' ELSE verdict END AS state,
           coalesce(line_number, our_number) AS number,
           coalesce(line_refund, our_refund) AS refund, coalesce(reference, '') AS reference,
           row, line_amount, line_currency, fee, line_state, line_at, due, our_amount,
           our_currency, our_state, our_at
      FROM rc_judged WHERE verdict <> 'MATCHED'
  ) AS kept
"""


@dataclass(frozen=True, slots=True)
class Matching:
    """A trade bill that is matched: `begins` is how long before midnight the channel's day begins,
    `done` are the days that were matched before."""

    bill: str
    channel: str
    day: date
    terms: Terms
    begins: timedelta
    done: Sequence[date]


def fee_terms(terms: Terms) -> tuple[Any, ...]:
    """The parameters $3 to $7."""
    return (terms.rate_ppm, terms.least, terms.most, terms.refund_fees, terms.tolerance)


async def judge(tx: Tx, matching: Matching, entropy: Entropy, *, now: datetime) -> None:
    """Classify what `working` has loaded; keep the sums of the bill and an item for everything
    that did not simply agree."""
    fee = fee_terms(matching.terms)
    about = (matching.channel, matching.bill, *fee, matching.begins, list(matching.done))
    await tx.execute(_UNDO)
    await tx.execute(_JUDGED)
    await tx.execute(_JUDGE, *about)
    await tx.execute("ANALYZE rc_judged")
    await tx.execute(_SUMS, matching.bill)
    count = await tx.fetchval("SELECT count(*) FROM rc_judged WHERE verdict <> 'MATCHED'")
    ids = new_ids(PREFIX, count, now=now, entropy=entropy)
    await tx.execute(_KEEP, sorted(ids), matching.bill, matching.channel, matching.day, now)
