"""Closing time: what is open is ended, everything is read back, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from anfu.entrypoints.cli.demo_checks import check_duplicates, check_open
from anfu.kernel.clock import SystemClock
from anfu.simulation.client import Client, Credentials, Place, Reply
from anfu.simulation.closing import quiet, read_back
from anfu.simulation.plan import Plan, Side
from anfu.simulation.reviewer import Reviewers
from anfu.simulation.tally import Tally

AT = datetime(2026, 11, 1, tzinfo=UTC)


class Books(Client):
    """Payments and refunds as a list; an UNKNOWN is resolved after it was asked for twice."""

    def __init__(self, payments: list[dict[str, Any]], refunds: list[dict[str, Any]]) -> None:
        super().__init__("http://127.0.0.1:1", Credentials("key", "sk"), clock=SystemClock())
        self.payments_, self.refunds_ = payments, refunds
        self.asked = 0
        self.claimed: set[str] = set()

    async def _patiently(self, method: str, target: str, body: bytes, key: str | None) -> Reply:
        return Reply(200, self._answer(method, target), 0.001, 1)

    def _answer(self, method: str, target: str) -> Mapping[str, Any]:
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        words = parts.path.split("/")
        if words[2] == "cases":
            return self._case(words, query)
        if method == "POST":
            self._payment(words[3])["state"] = "CANCELLED"
        if len(words) > 3:
            return self._payment(words[3])
        rows = self.payments_ if words[2] == "payments" else self.refunds_
        if query.get("state") == "UNKNOWN":
            self._resolve()
        rows = [r for r in rows if query.get("state") in (None, r["state"])]
        rows = [r for r in rows if r["id"] < query.get("after", "~")]
        most = int(query["limit"])
        return {"data": rows[:most], "more": len(rows) > most}

    def _case(self, words: list[str], query: Mapping[str, str]) -> Mapping[str, Any]:
        """Each payment in review has a case of its own, with the payment's id."""
        if len(words) == 3:
            held = self._payment(query["event"])["state"] == "IN_REVIEW"
            return {"data": [{"id": query["event"]}] if held else []}
        if words[4:] == ["claim"]:
            self.claimed.add(words[3])
        elif words[4:] == ["verdict"]:
            self._payment(words[3])["state"] = "SUCCEEDED"
        state = "CLAIMED" if words[3] in self.claimed else "OPEN"
        item = {"event": words[3], "decision": "dec_1", "verdict": None, "facts": {}}
        return {"id": words[3], "state": state, "revision": 1, "items": [item]}

    def _payment(self, name: str) -> dict[str, Any]:
        return next(p for p in self.payments_ if p["id"] == name)

    def _resolve(self) -> None:
        self.asked += 1
        for payment in self.payments_:
            if payment["state"] == "UNKNOWN" and self.asked > 1:
                payment["state"] = "SUCCEEDED"


def document(number: int, state: str, order: str | None = None) -> dict[str, Any]:
    return {
        "id": f"pay_{number:04d}", "state": state, "amount": 100, "refusal": None, "reasons": [],
        "order": order or f"o{number}", "decision": "dec_1",
    }  # fmt: skip


def plan(order: str) -> Plan:
    return Plan(order, AT, 0, (Side.MERCHANT, 0), 100, Place())


async def test_everything_open_comes_to_an_end() -> None:
    states = ["CHALLENGED", "IN_REVIEW", "UNKNOWN", "SUCCEEDED"]
    books = Books([document(n, state) for n, state in enumerate(states)], [])
    assert await quiet(books, Reviewers(books, books)) == 0
    assert [p["state"] for p in books.payments_] == [
        "CANCELLED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED",
    ]  # fmt: skip


async def test_what_stays_open_is_counted_when_patience_ends() -> None:
    books = Books([document(1, "SENDING")], [{"id": "rfd_1", "state": "UNKNOWN", "amount": 5}])
    assert await quiet(books, Reviewers(books, books), patience_s=0.3) == 2


async def test_all_pages_are_read_back_into_the_tally() -> None:
    payments = [document(n, "SUCCEEDED") for n in range(249, -1, -1)]
    refunds = [
        {"id": "rfd_2", "state": "SUCCEEDED", "amount": 5},
        {"id": "rfd_1", "state": "FAILED", "amount": 7},
    ]
    tally = Tally()
    for n in range(250):
        tally.unanswered(plan(f"o{n}"))
    assert await read_back(Books(payments, refunds), tally) == 0
    assert {trace.state for trace in tally.traces} == {"SUCCEEDED"}
    assert tally.refunded == 5


async def test_two_payments_of_one_key_are_a_duplicate() -> None:
    books = Books([document(2, "SUCCEEDED", "o1"), document(1, "SUCCEEDED", "o1")], [])
    assert await read_back(books, Tally()) == 1


def test_the_checks_fail_for_what_they_check() -> None:
    assert check_duplicates(0).good and check_open(0).good
    assert not check_duplicates(1).good
    assert not check_open(1).good
