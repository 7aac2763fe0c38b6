"""Writes of limits: reserve and give back what payments use up.

`reserve` adds a whole batch to its counters first and looks at the sums that come back: the rows
are then locked, so the decision over them is pure and exact, and what it refuses is taken off
again before anyone else could have seen it. A batch in which nothing is refused costs one
statement, and one more for each step only where a merchant has limits of its own. Counters are
locked in the order of `Counter` everywhere, payers before merchants.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from anfu.kernel.errors import BrokenInvariant
from anfu.limits.breach import Reserved
from anfu.limits.counter import (
    Counter,
    Window,
    merchant_counter,
    parts,
    payer_counters,
    total,
)
from anfu.limits.merchant import MerchantLimit, check_limit, check_window
from anfu.limits.multipliers.multiplier import raised
from anfu.limits.queries import (
    Bounds,
    bound_rows,
    bounds_of,
    subjects_of,
    sum_rows,
    use_of,
)
from anfu.limits.rule import Rule
from anfu.limits.stack import Stack, counts_for_merchant
from anfu.limits.use import Use
from anfu.storage.transaction import ConstraintViolated, Tx

_KEYS = "unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::bigint[])"
_ADD = f"""
INSERT INTO limits.counter AS c (metric, subject, span, starts_on, amount)
SELECT * FROM {_KEYS} AS w (metric, subject, span, starts_on, amount)
ORDER BY metric COLLATE "C", subject COLLATE "C", span COLLATE "C", starts_on
ON CONFLICT (subject, metric, span, starts_on) DO UPDATE SET amount = c.amount + excluded.amount
RETURNING metric, subject, span, starts_on, amount
"""
# With the sums, in the same round trip, everything else that is held against these uses.
_ADD_AND_READ = f"""
WITH added AS ({_ADD})
{sum_rows("added")}
{bound_rows("$6", "$7")}
"""
_TAKE_OFF = f"""
UPDATE limits.counter c SET amount = c.amount - held.amount
FROM (
    SELECT c.subject, c.metric, c.span, c.starts_on, w.amount
    FROM {_KEYS} AS w (metric, subject, span, starts_on, amount)
    JOIN limits.counter c USING (subject, metric, span, starts_on)
    ORDER BY c.metric, c.subject, c.span, c.starts_on
    FOR UPDATE OF c
) held
WHERE (c.subject, c.metric, c.span, c.starts_on)
    = (held.subject, held.metric, held.span, held.starts_on)
"""


async def reserve(tx: Tx, *, uses: Sequence[Use], rules: Sequence[Rule]) -> Reserved:
    """Count `uses` against every limit that bounds them, in sequence and greedily.

    A use that would pass a limit is left out and its strictest breach is named. Parallel
    transactions wait for one another on the counters they share, so that no limit is ever passed.
    Raises BrokenInvariant when two uses have the same id.
    """
    if len({use.id for use in uses}) < len(uses):
        raise BrokenInvariant("two uses of one id in a batch")
    metered = [(use, payer_counters(use)) for use in uses]
    added = total(part for use in uses for part in parts(use))
    read = await _add_and_read(tx, added, uses)
    sums, own = read.sums, read.own
    counted = [use for use in uses if counts_for_merchant(use, own)]
    incoming = total((merchant_counter(use), use.amount) for use in counted)
    if incoming:
        sums |= await _add(tx, incoming)
        added |= incoming
    before = {counter: sums[counter] - added[counter] for counter in added}
    stack = Stack(raised(rules, read.multipliers), own, before)
    reserved = stack.take(metered)
    if reserved.breaches:
        await _take_off(tx, {c: sums[c] - stack.sums[c] for c in added if sums[c] > stack.sums[c]})
    await _remember_merchants(tx, [use for use in counted if use.id not in reserved.breaches])
    return reserved


async def release(tx: Tx, *, uses: Sequence[Use]) -> None:
    """Give back what `reserve` took for `uses`, whatever the rules are today.

    For uses that `reserve` did let through, once each; a caller that cannot be sure of that goes
    by `keep` and `give_back`. Raises BrokenInvariant where that much was not taken.
    """
    taken = [part for use in uses for part in parts(use)]
    taken_in = [use.id for use in uses if use.merchant is not None]
    if taken_in:
        rows = await tx.fetch(
            "DELETE FROM limits.merchant_use WHERE id = ANY($1)"
            " RETURNING metric, merchant, starts_on, amount",
            taken_in,
        )
        taken += [(Counter(m, s, Window.NATURAL_DAY, day), amount) for m, s, day, amount in rows]
    if taken:
        await _take_off(tx, total(taken))


async def keep(tx: Tx, *, uses: Sequence[Use]) -> None:
    """Remember reserved `uses` of payments that stay open, until `settle` or `give_back`.

    Raises BrokenInvariant when one of them is kept already.
    """
    if not uses:
        return
    done = await tx.execute(
        "INSERT INTO limits.reservation (id, customer, account_class, factors, strong, merchant,"
        " amount, currency, kind, at, code, debit, bank_account, bank_verified)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[], $4::smallint[], $5::bool[],"
        " $6::text[], $7::bigint[], $8::text[], $9::text[], $10::timestamptz[],"
        " $11::text[], $12::text[], $13::text[], $14::bool[])"
        " ON CONFLICT (id) DO NOTHING",
        [use.id for use in uses], [use.customer for use in uses],
        [use.account_class for use in uses], [use.factors for use in uses],
        [use.strong for use in uses], [use.merchant for use in uses],
        [use.amount for use in uses], [use.currency for use in uses],
        [use.kind for use in uses], [use.at for use in uses],
        [use.code for use in uses], [use.debit for use in uses],
        [use.bank_account for use in uses], [use.bank_verified for use in uses],
    )  # fmt: skip
    if _count(done) < len(uses):
        raise BrokenInvariant("a use is kept already")


async def settle(tx: Tx, *, ids: Sequence[str]) -> list[str]:
    """The payments of `ids` succeeded: what they used stays used. Returns the ids that were kept;
    a second call finds none."""
    return [use.id for use in await _end(tx, ids)]


async def give_back(tx: Tx, *, ids: Sequence[str]) -> list[str]:
    """The payments of `ids` ended without success: release what they used, once. Returns the ids
    that were kept; a second call, or one after `settle`, finds none and changes nothing."""
    uses = await _end(tx, ids)
    await release(tx, uses=uses)
    return [use.id for use in uses]


async def set_merchant_limit(
    tx: Tx, *, merchant: str, window: str, currency: str, amount: int, now: datetime
) -> MerchantLimit:
    """Set or change what `merchant` takes in at most (`window` "payment" or "natural_day").

    A day's sum begins with the first payment after its first limit was set. Raises
    Refused(limit_window_unknown | currency_unknown | limit_amount_invalid).
    """
    limit = MerchantLimit(merchant, check_limit(window, currency, amount), currency, amount, now)
    await tx.execute(
        "INSERT INTO limits.merchant_limit (merchant, span, currency, amount, set_at)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (merchant, span, currency)"
        " DO UPDATE SET amount = excluded.amount, set_at = excluded.set_at",
        merchant, limit.window, currency, amount, now,
    )  # fmt: skip
    return limit


async def remove_merchant_limit(tx: Tx, *, merchant: str, window: str, currency: str) -> bool:
    """Remove a limit; whether there was one. Raises Refused(limit_window_unknown)."""
    done = await tx.execute(
        "DELETE FROM limits.merchant_limit WHERE merchant = $1 AND span = $2 AND currency = $3",
        merchant,
        check_window(window),
        currency,
    )
    return _count(done) == 1


async def forget_merchant_uses(tx: Tx, *, before: date, most: int) -> int:
    """Delete at most `most` remembered uses of days before `before`; how many. What is given back
    later no longer moves that past day's sum."""
    done = await tx.execute(
        "DELETE FROM limits.merchant_use WHERE id IN"
        " (SELECT id FROM limits.merchant_use WHERE starts_on < $1 LIMIT $2)",
        before,
        most,
    )
    return _count(done)


async def _add_and_read(tx: Tx, added: Mapping[Counter, int], uses: Sequence[Use]) -> Bounds:
    if not uses:
        return Bounds({}, {}, {})
    rows = await tx.fetch(_ADD_AND_READ, *_columns(added), *subjects_of(uses))
    return bounds_of(rows, uses)


async def _add(tx: Tx, added: Mapping[Counter, int]) -> dict[Counter, int]:
    rows = await tx.fetch(_ADD, *_columns(added))
    return {Counter(m, s, span, day): amount for m, s, span, day, amount in rows}


async def _take_off(tx: Tx, amounts: Mapping[Counter, int]) -> None:
    try:
        done = await tx.execute(_TAKE_OFF, *_columns(amounts))
    except ConstraintViolated as error:
        raise BrokenInvariant("more is given back than was taken") from error
    if _count(done) != len(amounts):
        raise BrokenInvariant("something is given back that was never taken")


async def _remember_merchants(tx: Tx, uses: Sequence[Use]) -> None:
    if not uses:
        return
    counters = [merchant_counter(use) for use in uses]
    await tx.execute(
        "INSERT INTO limits.merchant_use (id, merchant, metric, starts_on, amount)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::bigint[])",
        [use.id for use in uses], [c.subject for c in counters], [c.metric for c in counters],
        [c.starts_on for c in counters], [use.amount for use in uses],
    )  # fmt: skip


async def _end(tx: Tx, ids: Sequence[str]) -> list[Use]:
    rows = await tx.fetch(
        "DELETE FROM limits.reservation WHERE id IN"
        " (SELECT id FROM limits.reservation WHERE id = ANY($1) ORDER BY id FOR UPDATE)"
        " RETURNING *",
        list(ids),
    )
    return [use_of(row) for row in rows]


def _columns(amounts: Mapping[Counter, int]) -> list[list[object]]:
    """Arrays in the order of locking; the statements sort again, by the same order."""
    rows = [(*counter, amounts[counter]) for counter in sorted(amounts)]
    return [list(column) for column in zip(*rows, strict=True)] or [[], [], [], [], []]


def _count(command: str) -> int:
    return int(command.rsplit(" ", 1)[1])
