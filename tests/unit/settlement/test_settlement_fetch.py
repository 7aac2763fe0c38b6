"""A bill is kept under the name of the channel it was fetched for, whatever the network's is."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from anfu.channels.bills.bill import BillFile, BillKind, NoBill
from anfu.settlement.reconciliation.fetch import Desk, fetch

DAY = date(2026, 11, 27)
FILE = BillFile("sandbox", BillKind.TRADE, DAY, "bill.jsonl", b"{}\n")


def desk(answer: BillFile | NoBill) -> Desk:
    async def told(_kind: BillKind, _day: date) -> BillFile | NoBill:
        return answer

    reader: Any = SimpleNamespace(fetch=told)
    tools: Any = None
    return Desk(tools, {"second": reader}, {})


async def test_two_channels_of_one_network_keep_their_own_bills() -> None:
    file = await fetch(desk(FILE), "second", BillKind.TRADE, DAY)
    assert file == BillFile("second", BillKind.TRADE, DAY, "bill.jsonl", b"{}\n")


async def test_that_there_is_no_bill_is_passed_on() -> None:
    assert await fetch(desk(NoBill.LATER), "second", BillKind.TRADE, DAY) is NoBill.LATER
