"""Reads of payments and refunds by what is known of them, the newest first."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from anfu.kernel.ids import first_id
from anfu.payments.attempts.attempt import numbered
from anfu.payments.payment import FINAL, Payment, Refund
from anfu.payments.queries import PAYMENT_COLUMNS, REFUND_COLUMNS, payment_of, refund_of
from anfu.payments.sought.wanted import Span, WantedPayments, WantedRefunds
from anfu.payments.strays.stray import RETURN
from anfu.storage.transaction import Tx
from anfu.storage.window import Condition, Window, look

T = TypeVar("T")
Found = tuple[list[T], str | None]
"""A page, and the cursor of the one after."""

_DETAIL = "convert_from(detail, 'UTF8')::jsonb"
# A look at the bytes spares reading nearly every detail.
_TOLD = "position(convert_to({0}, 'UTF8') IN detail) > 0"
# Whatever has not ended is noted there, and few are: the rest need not be looked at. As an array,
# or the whole table would be walked by its key.
_OPEN = "id = ANY(ARRAY(SELECT payment FROM payments.open)) AND state = {}"


async def seek_payments(tx: Tx, wanted: WantedPayments) -> Found[Payment]:
    """A page of payments."""
    state = wanted.state
    ends = state is None or state in FINAL
    reach = (
        *_made("pay", wanted.span),
        ("payee = {}", wanted.merchant),
        ("payer = {}", wanted.payer),
        ("payee = {}", wanted.payee),
        ("merchant_order = {}", wanted.order),
        (_OPEN, None if ends else state),
    )
    sieve = (
        ("state = {}", state if ends else None),
        ("method = {}", wanted.method),
        ("channel = {}", wanted.channel),
        *_worth(wanted.span),
        (f"{_TOLD} AND {_DETAIL} ->> 'scene' = {{0}}", wanted.scene),
        (
            f"{_TOLD} AND ({_DETAIL} -> 'reasons' ? {{0}} OR {_DETAIL} ->> 'failure' = {{0}})",
            wanted.reason,
        ),
    )
    ways = [(*reach, side) for side in _sides(wanted.party)]
    seen = await look(
        tx, Window(PAYMENT_COLUMNS, "payments.payment", wanted.limit, wanted.before, ways, sieve)
    )
    return [payment_of(row) for row in seen.rows], seen.next


async def seek_refunds(tx: Tx, wanted: WantedRefunds) -> Found[Refund]:
    """A page of refunds."""
    reach = (
        *_made("rfd", wanted.span),
        ("payee = {}", wanted.merchant),
        ("payment = {}", wanted.payment),
    )
    sieve = (("state = {}", wanted.state), *_worth(wanted.span))
    seen = await look(
        tx, Window(REFUND_COLUMNS, "payments.refund", wanted.limit, wanted.before, [reach], sieve)
    )
    return [refund_of(row) for row in seen.rows], seen.next


async def numbers_of(tx: Tx, payment: Payment) -> list[str]:
    """What a payment's entries and holds may be called: its attempts, refunds and strays."""
    attempts = [numbered(payment.id, one) for one in range(1, payment.attempt + 1)]
    refunds = await tx.fetch("SELECT id FROM payments.refund WHERE payment = $1", payment.id)
    late = await tx.fetch("SELECT id FROM payments.stray WHERE payment = $1", payment.id)
    strays = [row["id"] for row in late]
    returns = [RETURN + one.removeprefix("str_") for one in strays]
    return [*attempts, *(row["id"] for row in refunds), *strays, *returns]


def _sides(party: str | None) -> list[Condition]:
    """A merchant is never a payer; of anybody else both sides are looked at, each by its index."""
    if party is None or party.startswith("mer_"):
        return [("payee = {}", party)]
    return [("payee = {}", party), ("payer = {}", party)]


def _made(prefix: str, span: Span) -> tuple[Condition, ...]:
    """An id carries the time it was made: a range of the primary key."""
    return (
        ("id >= {}", _first(prefix, span.since)),
        ("id < {}", _first(prefix, span.until)),
    )


def _first(prefix: str, at: datetime | None) -> str | None:
    return None if at is None else first_id(prefix, at=at)


def _worth(span: Span) -> tuple[Condition, ...]:
    return (("amount >= {}", span.least), ("amount <= {}", span.most))
