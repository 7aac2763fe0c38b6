"""The made-up day of the bench: as many differences as asked for, in a file the product reads."""

from __future__ import annotations

from collections import Counter
from datetime import date

from anfu.channels.bills.bill import TradeState
from anfu.entrypoints.cli.bench_reconcile_day import (
    CLASSES,
    channel_names,
    format_of,
    make_day,
)
from anfu.payments.payment import State

DAY = date(2026, 11, 23)


def test_a_day_has_its_differences_and_its_file_is_read_by_the_product() -> None:
    [channel] = channel_names(1)
    made = make_day(channel, DAY, 1_000, 0.01, 7)
    assert {name: len(found) for name, found in made.seeded.items()} == dict.fromkeys(CLASSES, 10)
    lines = list(format_of(channel).reader().trades(made.file))
    times = Counter(line.number for line in lines)
    seeded = made.seeded
    assert {n for n, count in times.items() if count == 2} == seeded["DUPLICATE"]
    ours = {payment.id: payment for payment in made.made}
    assert ours.keys() - times.keys() == seeded["SHORT"]
    assert times.keys() - ours.keys() == seeded["LONG"]
    assert {i for i, p in ours.items() if p.state is State.FAILED} == seeded["LONG_FAILED"]
    told = {line.number: line for line in lines}
    both = {i: (p, told[i]) for i, p in ours.items() if i in told}
    assert {i for i, (p, t) in both.items() if p.amount != t.amount} == seeded["AMOUNT_MISMATCH"]
    assert {i for i, (_, t) in both.items() if t.currency != "CNY"} == seeded["CURRENCY_MISMATCH"]
    not_done = {i for i, (_, t) in both.items() if t.state is TradeState.NOT_DONE}
    assert not_done == seeded["STATUS_MISMATCH"]
    assert made.money == sum(p.amount for p in made.made if p.state is State.SUCCEEDED)
    again = make_day(channel, DAY, 1_000, 0.01, 7)
    assert (again.file, again.seeded) == (made.file, seeded)


def test_channels_take_the_formats_in_turn() -> None:
    assert channel_names(3) == ["sandbox-1", "sandbox-2", "sandbox-3"]
