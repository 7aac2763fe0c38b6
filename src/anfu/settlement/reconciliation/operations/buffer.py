"""Buffer (存疑池): what earlier days still wait for is looked for first in the next day's bill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from anfu.settlement.reconciliation.item import Item
from anfu.settlement.reconciliation.operations.matching import FEE_DUE, Matching, fee_terms
from anfu.settlement.reconciliation.queries import COLUMNS, item_of
from anfu.storage.transaction import Tx

# Posted as short and now there after all, to the fen: what `settle_late` takes off suspense.
_POSTED = f"""
SELECT {COLUMNS} FROM settlement.item i
 WHERE i.channel = $1 AND i.leg = 'TRADE' AND i.state = 'POSTED' AND i.class = 'SHORT'
   AND i.day < $2 AND EXISTS (
       SELECT FROM rc_line l WHERE l.nth = 1 AND l.state = 'DONE' AND l.number = i.number
          AND l.refund = i.refund AND (l.amount, l.currency) = (i.our_amount, i.our_currency))
 ORDER BY i.id FOR NO KEY UPDATE
"""
_NEXT = """
CASE
    WHEN l.state = 'PENDING' OR (l.state = 'NOT_DONE' AND o.state = 'OPEN') THEN i.state
    WHEN l.state = 'NOT_DONE' THEN CASE o.state WHEN 'DONE' THEN 'STATUS_MISMATCH' ELSE 'VOID' END
    WHEN o.state <> 'DONE' THEN 'LONG'
    WHEN l.currency <> o.currency THEN 'CURRENCY_MISMATCH'
    WHEN l.amount <> o.amount THEN 'AMOUNT_MISMATCH'
    WHEN abs(l.fee - l.due) > $7 THEN 'FEE_MISMATCH'
    ELSE 'MATCHED'
END
"""
_FOUND = f"""
WITH line AS (SELECT l.*, {FEE_DUE} AS due FROM rc_line l WHERE l.nth = 1),
hit AS (
    SELECT i.id, {_NEXT} AS next, o.state AS our_state, l.row, l.reference, l.amount, l.currency,
           l.fee, l.state AS line_state, l.at, l.due
      FROM settlement.item i
      JOIN line l ON l.number = i.number AND l.refund = i.refund
      JOIN rc_ours o ON o.number = i.number AND o.refund = i.refund
     WHERE i.channel = $1 AND i.leg = 'TRADE' AND i.day < $8
       AND i.state IN ('EXPECTED', 'IN_DOUBT', 'SHORT')
), used AS (
    UPDATE rc_line l SET nth = 0 FROM hit WHERE l.row = hit.row
)
UPDATE settlement.item i
   SET state = next,
       class = CASE WHEN next IN ('MATCHED', 'VOID', i.state) THEN class ELSE next END,
       reference = hit.reference, row = hit.row, line_amount = hit.amount,
       line_currency = hit.currency, line_fee = hit.fee, line_state = hit.line_state,
       line_at = hit.at, fee_due = hit.due, our_state = hit.our_state, updated_at = $9,
       matched_bill = CASE WHEN hit.line_state = 'PENDING' THEN NULL ELSE $2 END
  FROM hit WHERE i.id = hit.id
"""
# One bill later and nothing there: what was open on our side has ended, what was in doubt is short.
_MISSED = """
UPDATE settlement.item i
   SET state = CASE
           WHEN i.state = 'IN_DOUBT' THEN 'SHORT'
           WHEN o.state = 'DONE' THEN 'IN_DOUBT'
           ELSE 'VOID' END,
       our_state = o.state, updated_at = $3
  FROM rc_ours o
 WHERE o.number = i.number AND o.refund = i.refund AND i.channel = $1 AND i.leg = 'TRADE'
   AND i.day < $2 AND i.updated_at < $3
   AND (i.state = 'IN_DOUBT' OR (i.state = 'EXPECTED' AND o.state <> 'OPEN'))
"""
_SETTLED = """
UPDATE settlement.item i
   SET state = 'CLEARED', row = l.row, reference = l.reference, line_amount = l.amount,
       line_currency = l.currency, line_fee = l.fee, line_state = l.state, line_at = l.at,
       matched_bill = $2, updated_at = $3, by = 'auto', tasked = false
  FROM rc_line l
 WHERE i.id = ANY($1) AND i.state = 'POSTED' AND l.nth = 1 AND l.number = i.number
   AND l.refund = i.refund
"""
_USED = """
UPDATE rc_line l SET nth = 0 FROM settlement.item i
 WHERE i.id = ANY($1) AND l.number = i.number AND l.refund = i.refund AND l.nth = 1
"""


async def lock_posted(tx: Tx, matching: Matching) -> list[Item]:
    """Items posted as short whose line has come, amount and currency as ours; locked."""
    rows = await tx.fetch(_POSTED, matching.channel, matching.day)
    return [item_of(row) for row in rows]


async def settle_late(tx: Tx, ids: Sequence[str], *, bill: str, now: datetime) -> None:
    """Those are CLEARED by their lines; the caller has written the entries."""
    await tx.execute(_SETTLED, list(ids), bill, now)
    await tx.execute(_USED, list(ids))


async def match_waiting(tx: Tx, matching: Matching, *, now: datetime) -> None:
    """Match what waits with the lines that came, and move on what was missed again. A line that is
    used is no longer one of the day's own."""
    fee = fee_terms(matching.terms)
    await tx.execute(_FOUND, matching.channel, matching.bill, *fee, matching.day, now)
    await miss(tx, channel=matching.channel, day=matching.day, now=now)


async def miss(tx: Tx, *, channel: str, day: date, now: datetime) -> None:
    """What waited for the bill of `day`, or an earlier one, and was not in it."""
    await tx.execute(_MISSED, channel, day, now)
