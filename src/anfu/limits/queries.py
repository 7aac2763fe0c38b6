"""Reads of limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.kernel.periods import civil_date
from anfu.limits.breach import Breach
from anfu.limits.counter import Counter, Window, payer_counters
from anfu.limits.merchant import MerchantLimit, check_window
from anfu.limits.rule import Rule
from anfu.limits.stack import Stack
from anfu.limits.use import Use, UseKind
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Used:
    """How much of a running window is used up, in minor units."""

    metric: str
    window: Window
    currency: str
    amount: int


async def list_used(tx: Tx, *, subject: str, at: datetime) -> list[Used]:
    """The sums of a customer or merchant in the windows that `at` (aware) falls in."""
    day = civil_date(at)
    rows = await tx.fetch(
        "SELECT metric, span, amount FROM limits.counter WHERE subject = $1 AND (span = 'lifetime'"
        " OR span = 'natural_day' AND starts_on = $2"
        " OR span = 'calendar_year' AND starts_on = $3) ORDER BY metric, span",
        subject,
        day,
        day.replace(month=1, day=1),
    )
    return [_used(metric, span, amount) for metric, span, amount in rows]


async def foresee(tx: Tx, *, uses: Sequence[Use], rules: Sequence[Rule]) -> dict[str, Breach]:
    """What each of `uses` alone would break of `rules` by the sums as they stand. Nothing is
    locked and nothing taken: an advice, of which `reserve` has the last word."""
    meters = {use.id: payer_counters(use) for use in uses}
    wanted = sorted({counter for one in meters.values() for counter in one.values()})
    rows = await tx.fetch(
        "SELECT metric, subject, span, starts_on, amount FROM limits.counter"
        " JOIN unnest($1::text[], $2::text[], $3::text[], $4::date[])"
        " AS w (metric, subject, span, starts_on) USING (metric, subject, span, starts_on)",
        [c.metric for c in wanted], [c.subject for c in wanted], [c.window for c in wanted],
        [c.starts_on for c in wanted],
    )  # fmt: skip
    sums = {Counter(m, s, span, day): amount for m, s, span, day, amount in rows}
    breaches: dict[str, Breach] = {}
    for use in uses:
        stack = Stack(rules, {}, {c: sums.get(c, 0) for c in meters[use.id].values()})
        breaches |= stack.take([(use, meters[use.id])]).breaches
    return breaches


async def list_merchant_limits(tx: Tx, *, merchants: Sequence[str]) -> list[MerchantLimit]:
    """Every limit that `merchants` set for themselves."""
    rows = await tx.fetch(
        "SELECT merchant, span, currency, amount, set_at FROM limits.merchant_limit"
        " WHERE merchant = ANY($1) ORDER BY merchant, span, currency",
        list(merchants),
    )
    return [MerchantLimit(m, Window(span), c, amount, at) for m, span, c, amount, at in rows]


async def find_merchant_limit(
    tx: Tx, *, merchant: str, window: str, currency: str
) -> MerchantLimit | None:
    """One limit of a merchant. Raises Refused(limit_window_unknown)."""
    wanted = check_window(window)
    limits = await list_merchant_limits(tx, merchants=[merchant])
    return next((one for one in limits if (one.window, one.currency) == (wanted, currency)), None)


async def get_merchant_limit(tx: Tx, *, merchant: str, window: str, currency: str) -> MerchantLimit:
    """One limit of a merchant. Raises Refused(merchant_limit_not_found)."""
    limit = await find_merchant_limit(tx, merchant=merchant, window=window, currency=currency)
    if limit is None:
        raise Refused("merchant_limit_not_found")
    return limit


async def find_reservation(tx: Tx, id: str) -> Use | None:  # noqa: A002 - the house's word
    """The use that is kept for a payment that is still open."""
    return (await find_reservations(tx, [id])).get(id)


async def find_reservations(tx: Tx, ids: Sequence[str]) -> dict[str, Use]:
    """The uses that are kept for those of `ids` that are still open."""
    rows = await tx.fetch("SELECT * FROM limits.reservation WHERE id = ANY($1::text[])", list(ids))
    return {row["id"]: Use(**{**dict(row), "kind": UseKind(row["kind"])}) for row in rows}


async def reservations_after(tx: Tx, after: str, *, most: int) -> list[str]:
    """The ids of the next `most` kept uses in their order: a walk through all of them."""
    rows = await tx.fetch(
        "SELECT id FROM limits.reservation WHERE id > $1 ORDER BY id LIMIT $2", after, most
    )
    return [row[0] for row in rows]


def _used(metric: str, span: str, amount: int) -> Used:
    name, _, currency = metric.partition("/")
    return Used(name, Window(span), currency, amount)
