"""A made-up day of one channel: payments of ours, the bill its network would write, and which of
both were made to differ. Formats are plugged in by name."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from anfu.channels.bills.bill import BillFile, BillKind, Bills, TradeKind, TradeLine, TradeState
from anfu.channels.sandbox.billing import fee_of
from anfu.channels.sandbox.bills import SandboxBills
from anfu.kernel.ids import SeededEntropy, new_ids
from anfu.payments.booked.operations import Made
from anfu.payments.payment import State
from anfu.settlement.reconciliation.bill import period_of

CURRENCY = "CNY"
# What a payment and its line are made to be, besides alike.
CLASSES = ("LONG", "LONG_FAILED", "SHORT", "AMOUNT_MISMATCH", "CURRENCY_MISMATCH",
           "STATUS_MISMATCH", "FEE_MISMATCH", "DUPLICATE")  # fmt: skip
_PER_MOMENT = 200
Write = Callable[[Iterable[TradeLine], date], bytes]


@dataclass(frozen=True, slots=True)
class Format:
    """How a network's bill is written, for the bench, and read, by the product."""

    write: Write
    reader: Callable[[], Bills]


@dataclass(frozen=True, slots=True)
class Day:
    """`seeded`: the numbers made to differ, by class. `money`: what our payments come to."""

    made: list[Made]
    file: BillFile
    seeded: Mapping[str, frozenset[str]]
    money: int


def make_day(channel: str, day: date, count: int, share: float, seed: int) -> Day:
    """`count` payments, of which `share` of each class differ; repeatable by its seed. The name of
    the channel is one of `channel_names`."""
    dice = random.Random(f"{seed} {channel}")  # noqa: S311 - repeatable by intent
    made = list(_payments(day, count, seed, dice))
    each = max(1, round(count * share))
    picked = iter(dice.sample(range(count), each * len(CLASSES)))
    fate = {next(picked): name for name in CLASSES for _ in range(each)}
    seeded: dict[str, set[str]] = {name: set() for name in CLASSES}
    ours = [_ours(m, fate.get(n)) for n, m in enumerate(made)]
    lines = list(_lines(made, fate, seeded))
    content = format_of(channel).write(lines, day)
    file = BillFile(channel, BillKind.TRADE, day, f"{channel}-{day:%Y%m%d}", content)
    kept = [m for m in ours if m is not None]
    money = sum(m.amount for m in kept if m.state is State.SUCCEEDED)
    return Day(kept, file, {name: frozenset(found) for name, found in seeded.items()}, money)


def _payments(day: date, count: int, seed: int, dice: random.Random) -> Iterator[Made]:
    """Spread over the day, some hundred to a moment."""
    start, entropy = period_of(day, timedelta()).start, SeededEntropy(dice.getrandbits(60))
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


def _lines(
    made: list[Made], fate: Mapping[int, str], seeded: dict[str, set[str]]
) -> Iterator[TradeLine]:
    row = 0
    for number, payment in enumerate(made):
        name = fate.get(number)
        if name is not None:
            seeded[name].add(payment.id)
        if name == "SHORT":
            continue
        for _ in range(2 if name == "DUPLICATE" else 1):
            row += 1
            yield _line(row, payment, name)


def _line(row: int, payment: Made, fate: str | None) -> TradeLine:
    return TradeLine(
        row,
        TradeKind.PAYMENT,
        payment.id,
        None,
        f"net{payment.id[3:]}",
        payment.amount + (fate == "AMOUNT_MISMATCH"),
        "USD" if fate == "CURRENCY_MISMATCH" else CURRENCY,
        fee_of(payment.amount + (fate == "AMOUNT_MISMATCH")) + 3 * (fate == "FEE_MISMATCH"),
        payment.at,
        TradeState.NOT_DONE if fate == "STATUS_MISMATCH" else TradeState.DONE,
    )


def _write_sandbox(lines: Iterable[TradeLine], day: date) -> bytes:
    encode = msgspec.json.Encoder().encode
    sums: dict[str, dict[str, int]] = {}
    parts = [encode({"bill": "TRADE", "day": day})]
    for line in lines:
        parts.append(encode(line._asdict()))
        of = sums.setdefault(line.currency, {"paid": 0, "refunded": 0, "fees": 0})
        of["paid"] += line.amount
        of["fees"] += line.fee
    parts += [encode({"rows": len(parts) - 1, "sums": sums}), b""]
    return b"\n".join(parts)


FORMATS: Mapping[str, Format] = {"sandbox": Format(_write_sandbox, SandboxBills)}


def channel_names(count: int) -> list[str]:
    """So many channels, of each format in turn: `sandbox-1`."""
    return [f"{name}-{n}" for n, name in zip(range(1, count + 1), itertools.cycle(FORMATS))]


def format_of(channel: str) -> Format:
    """That of a name `channel_names` gave."""
    return FORMATS[channel.rpartition("-")[0]]
