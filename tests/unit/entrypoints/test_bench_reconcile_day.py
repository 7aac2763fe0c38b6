"""The made-up day of the bench: as many differences as asked for, in files the product reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anfu.app.networks import Means, open_lines, read_plan
from anfu.channels.bills.bill import Bills, TradeKind, TradeLine, TradeState
from anfu.channels.sandbox.messages import Identity
from anfu.entrypoints.cli.bench_reconcile_day import Day, make_day
from anfu.entrypoints.cli.bench_reconcile_formats import FORMATS
from anfu.kernel.clock import SystemClock
from anfu.kernel.ids import SeededEntropy
from anfu.payments.payment import State
from anfu.simulation.networks import NAMES, Place, provision

DAY = date(2026, 11, 23)
COMMON = {"LONG", "LONG_FAILED", "SHORT", "AMOUNT_MISMATCH", "FEE_MISMATCH", "DUPLICATE"}
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Bills]:
    """The production's, of a member of the three networks."""
    place = Place(dict.fromkeys(NAMES, "http://127.0.0.1:9"), "http://127.0.0.1:9")
    folder = tmp_path_factory.mktemp("bench") / "networks"
    key = Ed25519PrivateKey.from_private_bytes(b"\1" * 32)
    means = Means(
        SystemClock(), SeededEntropy(1), Identity("anfu", key, "sandbox", key.public_key())
    )
    plan = read_plan(provision(folder, place, now=NOW, entropy=SeededEntropy(2)))
    return {name: line.bills for name, line in open_lines(plan, means).items()}


@pytest.mark.parametrize("network", NAMES)
def test_a_day_has_its_differences_and_its_file_is_read_by_the_product(
    network: str, readers: Mapping[str, Bills]
) -> None:
    made = make_day(network, DAY, 1_000, 0.01, 7)
    more = {"CURRENCY_MISMATCH", "STATUS_MISMATCH"} if network == "wechat" else set[str]()
    assert {name: len(found) for name, found in made.seeded.items()} == dict.fromkeys(
        COMMON | more, 10
    )
    lines = list(readers[network].trades(made.file))
    check_payments(made, [line for line in lines if line.kind is TradeKind.PAYMENT])
    check_refunds(network, made, [line for line in lines if line.kind is TradeKind.REFUND])
    paid = sum(p.amount for p in made.made if p.state is State.SUCCEEDED)
    assert made.money == paid - sum(r.amount for r in made.refunds)
    again = make_day(network, DAY, 1_000, 0.01, 7)
    assert (again.file, again.seeded) == (made.file, made.seeded)


def check_payments(made: Day, lines: list[TradeLine]) -> None:
    times, seeded = Counter(line.number for line in lines), made.seeded
    ours, told = {p.id: p for p in made.made}, {line.number: line for line in lines}
    assert {n for n, count in times.items() if count == 2} == seeded["DUPLICATE"]
    assert ours.keys() - times.keys() == seeded["SHORT"]
    assert times.keys() - ours.keys() == seeded["LONG"]
    assert {i for i, p in ours.items() if p.state is State.FAILED} == seeded["LONG_FAILED"]
    both = {i: (p, told[i]) for i, p in ours.items() if i in told}
    assert {i for i, (p, t) in both.items() if p.amount != t.amount} == seeded["AMOUNT_MISMATCH"]
    foreign = {i for i, (_, t) in both.items() if t.currency != "CNY"}
    assert foreign == seeded.get("CURRENCY_MISMATCH", set())
    fees = {n for n, t in told.items() if t.fee != (t.amount * 6 + 500) // 1000}
    assert fees == seeded["FEE_MISMATCH"]
    assert {line.state for line in lines} == {TradeState.DONE}


def check_refunds(network: str, made: Day, lines: list[TradeLine]) -> None:
    given = {(r.payment, r.id): r.amount for r in made.refunds}
    assert len(given) == len(lines) == 10 + len(made.seeded.get("STATUS_MISMATCH", ()))
    assert {(line.number, line.refund): line.amount for line in lines} == given
    returned = FORMATS[network].terms.refund_fees
    assert all(t.fee == (-((t.amount * 6 + 500) // 1000) if returned else 0) for t in lines)
    failed = {line.number for line in lines if line.state is TradeState.NOT_DONE}
    assert failed == made.seeded.get("STATUS_MISMATCH", set())
