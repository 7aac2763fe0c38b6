"""Books that agree: reckon says so, and reads everything once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.journey.busy_day import Day
from tests.journey.conftest import House

from anfu.payments import reckon as module
from anfu.payments.disagreement import DISAGREEMENTS, Disagreement
from anfu.payments.reckon import reckon
from anfu.payments.recover import recover


async def test_hundreds_of_payments_of_every_fate_agree(house: House) -> None:
    day = Day(house)
    for _ in range(13):
        await day.round()
        house.clock.advance(timedelta(minutes=11))
    states = set(day.payments)
    assert states >= {"SUCCEEDED", "REFUSED", "CHALLENGED", "IN_REVIEW", "FAILED", "CANCELLED",
                      "REJECTED", "UNKNOWN"}, states  # fmt: skip
    seen: list[tuple[int, int]] = []
    reckoned = await reckon(house.database, progress=lambda done, all_: seen.append((done, all_)))
    assert reckoned.disagreements == []
    assert reckoned.good
    assert reckoned.payments == await house.count("payments.payment") > 300
    assert reckoned.refunds == await house.count("payments.refund") > 40
    assert reckoned.deposits == await house.count("payments.deposit")
    assert reckoned.decisions == await house.count("risk.decision")
    assert len(seen) > 1
    assert seen[-1][0] == seen[-1][1]


async def test_small_pages_find_the_same(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 3)
    await Day(house).round()
    reckoned = await reckon(house.database)
    assert reckoned.disagreements == []
    assert reckoned.payments == await house.count("payments.payment")


async def test_what_ran_out_or_was_recovered_agrees_too(house: House) -> None:
    await Day(house).round()
    house.clock.advance(timedelta(hours=1))
    assert await recover(house.tools, house.clock) > 0
    assert await house.count("payments.open") == 0
    assert (await reckon(house.database)).disagreements == []


async def test_an_empty_house_agrees(house: House) -> None:
    reckoned = await reckon(house.database)
    assert (reckoned.count, reckoned.payments) == (0, 0)


def test_every_disagreement_is_said_in_both_languages() -> None:
    for code in DISAGREEMENTS:
        said = Disagreement(code, "pay_1", {"amount": (1, 2)})
        assert "pay_1" in said.reason_en
        assert "pay_1" in said.reason_zh
        assert said.reason_en.isascii()
        assert not said.reason_zh.isascii()
