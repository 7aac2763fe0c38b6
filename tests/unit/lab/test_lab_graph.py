"""The graph offline: groups, their cores, and rings of money, on a town drawn by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from anfu.lab.graph import Group, Report, Ring, report_graph
from anfu.risk.environment import Environment
from anfu.risk.event import Event

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def paid(number: int, payer: str, payee: str, amount: int, device: str | None = None) -> Event:
    return Event(
        f"e{number}", payer, payee, amount, "CNY", "balance", None, NOW + timedelta(hours=number),
        Environment(device),
    )  # fmt: skip


TOWN = [
    # a, b and c share one device, d only knows c's other one
    paid(1, "a", "b", 500, "farm"),
    paid(2, "b", "c", 400, "farm"),
    paid(3, "c", "a", 300, "farm"),
    paid(4, "c", "shop", 50, "spare"),
    paid(5, "d", "shop", 70, "spare"),
    paid(6, "x", "y", 10, "phone_x"),
    paid(7, "y", "x", 20, "phone_y"),
    paid(8, "e", "shop", 90, "phone_e"),
]


def test_groups_cores_and_rings_are_found() -> None:
    assert report_graph(TOWN, frozenset({"e2", "e8"})) == Report(
        accounts=8,
        tied=4,
        groups=(Group(("a", "b", "c", "d"), 2, ("a", "b", "c"), 2, 5, 1320, 1),),
        rings=(Ring(("a", "b", "c"), 300), Ring(("x", "y"), 10)),
    )


def test_a_hub_ties_nobody() -> None:
    crowd = [paid(n, f"p{n}", "shop", 1, "kiosk") for n in range(11)]
    assert report_graph(crowd).groups == ()
    assert len(report_graph(crowd[:10]).groups[0].accounts) == 10


def test_a_dense_market_is_looked_at_for_a_bounded_time() -> None:
    names = [f"m{n}" for n in range(15)]
    market = [paid(i, a, b, 1) for i, a in enumerate(names) for b in names if a != b]
    rings = report_graph(market, most=5).rings
    assert len(rings) <= 5
    assert all(2 <= len(ring.accounts) <= 6 for ring in rings)


def test_a_quiet_period_says_nothing() -> None:
    assert report_graph([]) == Report(0, 0, (), ())
