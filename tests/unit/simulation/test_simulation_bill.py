"""The made-up bill: read as the network's own, with four mistakes and no more."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from anfu.channels.bills.bill import BillFile, BillKind
from anfu.channels.sandbox.bills import SandboxBills
from anfu.simulation.office.bill import flawed, trade_bill
from anfu.simulation.office.days import STEPS, until_morning
from anfu.storage.outbox import JITTER, PAUSES_S

DAY = date(2026, 11, 23)
AT = "2026-11-23T04:00:00.000Z"


def paid(number: int, **other: Any) -> dict[str, Any]:
    return {
        "id": f"pay_01kaw{number}", "state": "SUCCEEDED", "channel": "sandbox", "currency": "CNY",
        "channel_reference": f"ref-{number}", "amount": 10_000, "updated_at": AT, **other,
    }  # fmt: skip


def lines_of(content: bytes) -> list[Any]:
    file = BillFile("sandbox", BillKind.TRADE, DAY, "trade.jsonl", content)
    return list(SandboxBills().trades(file))


def test_a_bill_holds_what_was_done_by_card_on_its_day() -> None:
    payments = [
        paid(1), paid(2, channel=None), paid(3, state="FAILED"),
        paid(4, updated_at="2026-11-23T16:00:00.000Z"),  # midnight in Shanghai: the next day
    ]  # fmt: skip
    refund = {
        "id": "rfd_01kaw", "payment": "pay_01kaw1", "state": "SUCCEEDED", "amount": 5_000,
        "channel_reference": "ref-back", "updated_at": AT,
    }  # fmt: skip
    others = [{**refund, "payment": "pay_01kaw2"}, {**refund, "state": "FAILED"}]
    lines = lines_of(trade_bill(payments, [refund, *others], DAY))
    assert [(line.number, line.refund, line.amount, line.fee) for line in lines] == [
        ("pay_01kaw1", None, 10_000, 60), ("pay_01kaw1", "rfd_01kaw", 5_000, -30),
    ]  # fmt: skip


def test_a_bill_of_ten_lines_has_four_mistakes_and_still_comes_to_its_sums() -> None:
    rows = [paid(number) for number in range(10)]
    lines = lines_of(trade_bill(rows, [], DAY))
    wrong = [(line.row, line.amount, line.fee, line.number) for line in lines
             if (line.amount, line.fee, line.number[:8]) != (10_000, 60, "pay_01ka")]  # fmt: skip
    assert wrong == [
        (4, 10_100, 60, "pay_01kaw3"), (6, 10_000, 97, "pay_01kaw5"), (8, 10_000, 60, "pay_7wak10"),
    ]  # fmt: skip
    assert len(lines) == 9


def test_a_bill_too_short_for_mistakes_has_none() -> None:
    rows = [{"amount": 1, "fee": 0, "number": "pay_1"}] * 9
    assert flawed(rows) == rows


@pytest.mark.parametrize(
    ("now", "wait"),
    [
        (datetime(2026, 11, 23, 1, 29, tzinfo=UTC), timedelta(minutes=1)),
        (datetime(2026, 11, 23, 1, 30, tzinfo=UTC), timedelta(days=1)),
        (datetime(2026, 11, 23, 17, 30, tzinfo=UTC), timedelta(hours=8)),
    ],
)
def test_a_morning_begins_at_half_past_nine_in_shanghai(now: datetime, wait: timedelta) -> None:
    assert until_morning(now=now) == wait


def test_every_step_is_longer_than_a_pause_between_deliveries() -> None:
    longest = [timedelta(seconds=pause * (1 + JITTER)) for pause in PAUSES_S]
    assert len(STEPS) >= len(longest)
    assert all(step > pause for step, pause in zip(STEPS, longest, strict=False))
