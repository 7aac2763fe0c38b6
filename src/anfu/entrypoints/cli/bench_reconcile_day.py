"""A made-up day of one network: payments and refunds of ours, the bill the network would write, and
which of both were made to differ."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from anfu.channels.bills.bill import BillFile, BillKind, TradeKind, TradeLine, TradeState
from anfu.entrypoints.cli.bench_reconcile_formats import FORMATS, Format, fee_of
from anfu.kernel.ids import Entropy, SeededEntropy, new_id, new_ids
from anfu.kernel.periods import Period
from anfu.payments.booked.operations import Made, MadeRefund
from anfu.payments.payment import State
from anfu.settlement.reconciliation.bill import period_of

CURRENCY = "CNY"
# What a payment and its line are made to be, besides alike.
CLASSES = ("LONG", "LONG_FAILED", "SHORT", "AMOUNT_MISMATCH", "CURRENCY_MISMATCH",
           "STATUS_MISMATCH", "FEE_MISMATCH", "DUPLICATE")  # fmt: skip
# Alike, and given back the same day; so are those whose refund the bill says failed.
_RETURNED = "RETURNED"
_RETURNS = 0.01
_PER_MOMENT = 200


@dataclass(frozen=True, slots=True)
class Day:
    """`seeded`: the numbers made to differ, by the classes of the format. `money`: what our
    payments come to, less what was given back."""

    made: list[Made]
    refunds: list[MadeRefund]
    file: BillFile
    seeded: Mapping[str, frozenset[str]]
    money: int


def make_day(network: str, day: date, count: int, share: float, seed: int) -> Day:
    """`count` payments, of which `share` of each class differ; repeatable by its seed. `network` is
    one of `FORMATS`."""
    form = FORMATS[network]
    dice = random.Random(f"{seed} {network}")  # noqa: S311 - repeatable by intent
    period = period_of(day, timedelta(hours=form.terms.begins))
    made = list(_payments(period, count, dice))
    fate = _fates(form, count, share, dice)
    refunds = _refunds(made, fate, SeededEntropy(dice.getrandbits(60)))
    content = form.write(_lines(made, refunds, fate, form), day)
    file = BillFile(network, BillKind.TRADE, day, f"{network}-{day:%Y%m%d}", content)
    kept = [m for m in (_ours(m, fate.get(n)) for n, m in enumerate(made)) if m is not None]
    money = sum(m.amount for m in kept if m.state is State.SUCCEEDED)
    given = list(refunds.values())
    seeded = {
        name: frozenset(made[n].id for n, found in fate.items() if found == name)
        for name in form.classes
    }
    return Day(kept, given, file, seeded, money - sum(r.amount for r in given))


def _fates(form: Format, count: int, share: float, dice: random.Random) -> dict[int, str]:
    """Which payments, by their place, are not merely alike."""
    sizes = {name: max(1, round(count * share)) for name in form.classes}
    sizes[_RETURNED] = round(count * _RETURNS)
    picked = iter(dice.sample(range(count), sum(sizes.values())))
    return {next(picked): name for name, size in sizes.items() for _ in range(size)}


def _payments(period: Period, count: int, dice: random.Random) -> Iterator[Made]:
    """Spread over the day, some hundred to a moment."""
    start, entropy = period.start, SeededEntropy(dice.getrandbits(60))
    moments = -(-count // _PER_MOMENT)
    for moment in range(moments):
        at: datetime = start + timedelta(days=1) * ((moment + 0.5) / moments)
        size = min(_PER_MOMENT, count - moment * _PER_MOMENT)
        for id_ in new_ids("pay", size, now=at, entropy=entropy):
            yield Made(id_, dice.randint(100, 500_000), State.SUCCEEDED, at)


def _ours(made: Made, fate: str | None) -> Made | None:
    if fate == "LONG":
        return None
    if fate == "LONG_FAILED":
        return Made(made.id, made.amount, State.FAILED, made.at)
    return made


def _refunds(made: list[Made], fate: Mapping[int, str], entropy: Entropy) -> dict[int, MadeRefund]:
    """Of whole payments, by their place."""
    return {
        n: MadeRefund(new_id("rfd", now=made[n].at, entropy=entropy), made[n].id, made[n].amount,
                      made[n].at)
        for n, name in fate.items()
        if name in (_RETURNED, "STATUS_MISMATCH")
    }  # fmt: skip


def _lines(
    made: list[Made], refunds: Mapping[int, MadeRefund], fate: Mapping[int, str], form: Format
) -> Iterator[TradeLine]:
    """What the network did, by time."""
    row = 0
    for number, payment in enumerate(made):
        name = fate.get(number)
        for _ in range({"SHORT": 0, "DUPLICATE": 2}.get(name or "", 1)):
            row += 1
            yield _line(row, payment, name)
        if (refund := refunds.get(number)) is not None:
            row += 1
            yield _refund_line(row, refund, name, returns_fee=form.terms.refund_fees)


def _line(row: int, payment: Made, fate: str | None) -> TradeLine:
    amount = payment.amount + (fate == "AMOUNT_MISMATCH")
    return TradeLine(
        row,
        TradeKind.PAYMENT,
        payment.id,
        None,
        _reference(row, payment.at),
        amount,
        "USD" if fate == "CURRENCY_MISMATCH" else CURRENCY,
        fee_of(amount) + 3 * (fate == "FEE_MISMATCH"),
        payment.at,
        TradeState.DONE,
    )


def _refund_line(row: int, made: MadeRefund, fate: str | None, *, returns_fee: bool) -> TradeLine:
    return TradeLine(
        row,
        TradeKind.REFUND,
        made.payment,
        made.id,
        _reference(row, made.at),
        made.amount,
        CURRENCY,
        -fee_of(made.amount) if returns_fee else 0,
        made.at,
        TradeState.NOT_DONE if fate == "STATUS_MISMATCH" else TradeState.DONE,
    )


def _reference(row: int, at: datetime) -> str:
    """A number of the network's, as long as the shortest of theirs may be."""
    return f"{at:%Y%m%d%H%M%S}{row:07}"
