"""Which channel a payment goes through, and how well each has answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from anfu.channels.port import Scene
from anfu.payments.health import Health
from anfu.payments.route import Choice, Route, Wanted, Why, choose

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
A = Route("a", cost_bp=60)
B = Route("b", cost_bp=38, cost_minor=10)
C = Route("c", frozenset({Scene.H5}), frozenset({"CNY"}), least=100, most=5_000)
WANTED = Wanted(10_000, "CNY", Scene.ON_FILE)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("amount", "first", "other"),
    [(4_000, "a", "b"), (5_000, "b", "a")],  # 24 and 25.2; 30 and 29 fen
)
def test_the_cheapest_for_the_amount_goes_first(amount: int, first: str, other: str) -> None:
    chosen = choose([A, B], Wanted(amount, "CNY", Scene.ON_FILE), Health(), now=NOW)
    assert chosen == Choice(first, Why.CHEAPEST, {other: Why.DEARER})


def test_what_cannot_take_the_payment_says_why() -> None:
    def why(amount: int, currency: str, scene: Scene, *tried: str) -> Why:
        wanted = Wanted(amount, currency, scene, frozenset(tried))
        return choose([A, C], wanted, Health(), now=NOW).passed_over["c"]

    assert why(100, "CNY", Scene.APP) is Why.SCENE
    assert why(100, "USD", Scene.H5) is Why.CURRENCY
    assert why(99, "CNY", Scene.H5) is Why.AMOUNT
    assert why(5_001, "CNY", Scene.H5) is Why.AMOUNT
    assert why(5_000, "CNY", Scene.H5, "c") is Why.TRIED
    none = choose([C], WANTED, Health(), now=NOW)
    assert none == Choice(None, None, {"c": Why.SCENE})


def test_the_breaker_opens_after_five_strikes_and_lets_one_call_find_out() -> None:
    health = Health()
    for n in range(4):
        health.note("a", heard=False, now=after(n))
    assert not health.resting("a", now=after(4))
    health.note("a", heard=False, now=after(4))
    assert health.resting("a", now=after(13.9))
    assert [health.resting("a", now=after(14)) for _ in range(3)] == [False, True, True]
    health.note("a", heard=True, now=after(15))
    assert not health.resting("a", now=after(15))


def test_the_rate_forgets_by_half_each_minute() -> None:
    health = Health()
    for _ in range(20):
        health.note("a", heard=False, now=NOW)
    assert health.rate("a", now=NOW) == pytest.approx(20 / 40)
    assert health.rate("a", now=after(60)) == pytest.approx(20 / 30)
    assert health.rate("a", now=after(120)) == pytest.approx(20 / 25)
    assert health.rate("never asked", now=NOW) == 1.0


def test_a_resting_channel_is_passed_over_unless_all_rest() -> None:
    health = Health()
    for channel in ("b", "b", "b", "b", "b"):
        health.note(channel, heard=False, now=NOW)
    chosen = choose([A, B], WANTED, health, now=NOW)
    assert chosen == Choice("a", Why.HEALTHIER, {"b": Why.RESTING})
    alone = choose([B], WANTED, health, now=NOW)
    assert alone == Choice("b", Why.ONLY, {})
    for _ in range(5):
        health.note("a", heard=False, now=NOW)
    both = choose([A, B], WANTED, health, now=NOW)
    assert (both.channel, both.passed_over) == ("b", {"a": Why.DEARER})


def test_one_lost_call_does_not_move_the_traffic_two_do() -> None:
    health = Health()
    health.note("b", heard=False, now=NOW)
    assert choose([A, B], WANTED, health, now=NOW).channel == "b"
    health.note("b", heard=False, now=NOW)
    chosen = choose([A, B], WANTED, health, now=NOW)
    assert chosen == Choice("a", Why.HEALTHIER, {"b": Why.UNHEARD})
