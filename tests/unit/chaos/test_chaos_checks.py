"""The checks of the chaos test find what they are there to find."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from tests.chaos import checks
from tests.chaos.checks import Snapshot, reachable, same_payment, same_refund
from tests.chaos.journal import Journal, Written
from tests.chaos.run import Options, read_options

from anfu.payments.document import encode, payment_document, refund_document
from anfu.payments.payment import MOVES, Payment, Refund, RefundState, State
from anfu.simulation.client import Client, Reply

AT = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # past midnight in Shanghai
PAID = Payment("pay_1", State.SUCCEEDED, "cus_1", "mer_1", 300, "CNY", "balance", AT, AT, AT,
               order="order-1", refunded=100)  # fmt: skip
CARD = replace(PAID, id="pay_2", method="sandbox", order="order-2", refunded=0, card="tok_1")
BACK = Refund("rfd_1", RefundState.SUCCEEDED, "pay_1", "cus_1", "mer_1", 100, "CNY", "balance",
              AT, AT)  # fmt: skip
BOOKS = Snapshot(
    {p.id: p for p in (PAID, CARD)}, {"rfd_1": BACK}, {"dep_1": ("cus_1", 1_000)}, {"cus_1": 1}
)


def told(payment: Payment) -> dict[str, Any]:
    return cast(dict[str, Any], msgspec.json.decode(encode(payment_document(payment))))


def journal(*written: Written) -> Journal:
    made = Journal(cast(Client, None))
    made.written = {one.key: one for one in written}
    return made


def write(kind: str, key: str, answer: dict[str, Any], status: int = 201) -> Written:
    return Written(kind, "/", None, key, status, answer)


RIGHT = (
    write("payment", "k1", told(replace(PAID, refunded=0))),
    write("payment", "k2", told(replace(CARD, state=State.UNKNOWN, failure="timed_out"))),
    write("payment", "k3", {"code": "limit"}, 422),
    write("refund", "k4", msgspec.json.decode(encode(refund_document(BACK)))),
    write("deposit", "k5", {"id": "dep_1", "party": "cus_1", "amount": 1_000}),
)


def test_what_is_as_it_was_answered_is_right() -> None:
    assert checks.check_payments(journal(*RIGHT), BOOKS).wrong == []
    assert checks.check_refunds(journal(*RIGHT), BOOKS).wrong == []


def test_what_is_lost_twice_or_unasked_is_found() -> None:
    lost = replace(BOOKS, payments={"pay_1": PAID})
    assert checks.check_payments(journal(*RIGHT), lost).wrong == [
        "payment pay_2 was acknowledged and is not there"
    ]
    assert checks.check_payments(journal(*RIGHT[1:]), BOOKS).wrong == [
        "payment pay_1 is there unasked"
    ]
    twice = journal(*RIGHT, write("payment", "k9", told(PAID)))
    assert checks.check_payments(twice, BOOKS).wrong == ["payment pay_1 was answered to 2 keys"]
    double = replace(BOOKS, payments={**BOOKS.payments, "pay_2": replace(CARD, order="order-1")})
    assert "order-1 was paid 2 times" in checks.check_payments(journal(*RIGHT), double).wrong


def test_a_refund_that_does_not_add_up_is_found() -> None:
    more = replace(BOOKS, payments={**BOOKS.payments, "pay_1": replace(PAID, refunded=101)})
    assert checks.check_refunds(journal(*RIGHT), more).wrong == ["pay_1 was refunded otherwise"]
    other = replace(BOOKS, deposits={"dep_1": ("cus_1", 999)})
    assert checks.check_refunds(journal(*RIGHT), other).wrong == ["dep_1 is another deposit"]


@pytest.mark.parametrize(
    ("answered", "now", "same"),
    [
        (PAID, PAID, True),
        (replace(PAID, refunded=0, updated_at=AT.replace(year=2025)), PAID, True),
        (replace(CARD, state=State.UNKNOWN), CARD, True),
        (replace(CARD, state=State.UNKNOWN), replace(CARD, state=State.FAILED), True),
        (replace(PAID, state=State.CHALLENGED), PAID, True),
        (replace(CARD, state=State.FAILED), CARD, False),
        (CARD, replace(CARD, state=State.UNKNOWN), False),
        (replace(PAID, state=State.BLOCKED), PAID, False),
        (replace(PAID, amount=299), PAID, False),
        (replace(PAID, payee="mer_2"), PAID, False),
        (replace(PAID, reasons=("NEW_DEVICE",)), PAID, False),
        (replace(CARD, channel_reference="a"), replace(CARD, channel_reference="b"), False),
    ],
)
def test_a_later_state_is_no_other_answer(answered: Payment, now: Payment, same: bool) -> None:
    assert same_payment(told(answered), now) is same


def test_the_same_of_a_refund() -> None:
    answer = msgspec.json.decode(encode(refund_document(replace(BACK, state=RefundState.UNKNOWN))))
    assert same_refund(answer, BACK)
    assert same_refund(answer, replace(BACK, state=RefundState.FAILED))
    assert not same_refund(answer, replace(BACK, amount=99))
    done = msgspec.json.decode(encode(refund_document(BACK)))
    assert not same_refund(done, replace(BACK, state=RefundState.FAILED))


def test_what_can_be_reached_is_what_moves_lead_to() -> None:
    assert {s for s in State if reachable(MOVES, State.SENDING, s)} == {
        State.SENDING, State.AWAITING, State.UNKNOWN, State.SUCCEEDED, State.FAILED,
    }  # fmt: skip
    assert not reachable(MOVES, State.SUCCEEDED, State.FAILED)


def test_balances_follow_from_deposits_payments_and_refunds() -> None:
    assert checks.expected_balances(BOOKS) == {"cus_1": 1_000 - 200, "mer_1": 200 + 300}


def test_counters_are_sums_of_what_counts() -> None:
    day, month = date(2026, 11, 24), date(2026, 11, 1)
    assert checks.expected_counters(BOOKS) == {
        ("cus_1", "balance_payment/CNY", "natural_day", day): 300,
        ("cus_1", "balance_payment/CNY", "natural_month", month): 300,
        ("cus_1", "balance_payment/CNY", "calendar_year", date(2026, 1, 1)): 300,
        ("cus_1", "balance_count/CNY", "natural_day", day): 1,
        ("cus_1", "balance_out/CNY", "lifetime", date(1970, 1, 1)): 300,
        ("cus_1", "bank_payment/CNY", "natural_day", day): 300,
        ("cus_1", "bank_payment/CNY", "natural_month", month): 300,
        ("cus_1", "bank_count/CNY", "natural_day", day): 1,
    }


def test_what_is_booked_on_one_side_only_is_found(tmp_path: Path) -> None:
    def said(state: str, amount: int) -> Path:
        line = {"payment": "pay_2", "refund": None, "state": state, "amount": amount}
        (tmp_path / "net").write_text(json.dumps(line) + "\n")
        return tmp_path / "net"

    assert checks.check_network(said("PAID", 300), BOOKS).wrong == []
    assert len(checks.check_network(said("PAID", 301), BOOKS).wrong) == 1
    assert len(checks.check_network(said("CLOSED", 300), BOOKS).wrong) == 1
    failed = replace(BOOKS, payments={"pay_2": replace(CARD, state=State.FAILED)})
    assert len(checks.check_network(said("PAID", 300), failed).wrong) == 1
    assert checks.check_network(said("CLOSED", 300), failed).wrong == []


class Flaky:
    """A client whose answers are laid out in advance."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.keys: list[str] = []

    async def post(self, target: str, body: object, *, key: str) -> Reply:
        self.keys.append(key)
        return self.replies.pop(0)


async def test_a_write_is_sent_under_its_key_until_it_is_acknowledged() -> None:
    client = Flaky(
        Reply(500, {}, 0.0, 1),
        Reply(503, {}, 0.0, 1),
        Reply(409, {"code": "idempotency_in_flight"}, 0.0, 1),
        Reply(201, {"id": "pay_1"}, 0.0, 1),
        Reply(201, {"id": "pay_1"}, 0.0, 1),
        Reply(201, {"id": "pay_2"}, 0.0, 1),
    )
    kept = Journal(cast(Client, client))
    written = await kept.write("payment", "/v1/payments", {}, "k")
    assert (written.status, written.answer, client.keys) == (201, {"id": "pay_1"}, ["k"] * 4)
    assert (kept.server_errors, kept.unanswered) == (1, [])
    assert await kept.again(written)
    assert not await kept.again(written)


async def test_a_no_is_an_answer_too() -> None:
    kept = Journal(cast(Client, Flaky(Reply(422, {"code": "refund_too_large"}, 0.0, 1))))
    assert not (await kept.write("refund", "/v1/refunds", {}, "k")).good
    assert kept.refused == {"refund: refund_too_large": 1}
    assert kept.good("refund") == []


def test_the_options_of_the_command_line() -> None:
    assert read_options([]) == Options()
    given = read_options(
        ["--api", "2", "--worker", "1", "--postgres", "1", "--seconds", "20", "--keep"]
    )
    assert given == Options(2, 1, 1, 20.0, keep=True)
