"""A history on its way: order, keys, what is made once, what is told."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from anfu.entrypoints.cli.replay_map import parse_map
from anfu.entrypoints.cli.replay_reading import BadRow, Row
from anfu.entrypoints.cli.replay_sending import Pace, Replayer, key_of, placeholder
from anfu.entrypoints.cli.replay_tally import Tally
from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.parties.person import DocumentType, parse_document, parse_person
from anfu.simulation.client import Client, Pay, Person, Reply

MAP = parse_map(
    'source = "shop"\n[columns]\nid="i"\nat="t"\npayer="p"\npayee="q"\namount="a"\n'
    "[customers]\ndeposit = 5000"
)
START = datetime(2018, 8, 8, tzinfo=UTC)
RUN = datetime(2026, 11, 23, 4, tzinfo=UTC)


class Api:
    """Stands in for the client: remembers keys, answers late and out of order."""

    def __init__(self) -> None:
        self.answers: dict[str, dict[str, Any]] = {}
        self.paid: dict[str, list[str]] = defaultdict(list)
        self.orders: list[Pay] = []
        self.refuse: dict[str, str] = {}
        self.open = self.most_open = 0
        self.dead = False
        self.now = RUN
        self._dice = random.Random(1)

    async def pay(self, order: Pay, *, key: str) -> Reply:
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        await asyncio.sleep(self._dice.random() / 200)
        self.open -= 1
        if self.dead:
            raise OutsideFailure(Outcome.UNKNOWN, "gone")
        if order.order in self.refuse:
            return Reply(422, {"code": self.refuse[str(order.order)], "field": "x"}, 0.0, 1)
        if key not in self.answers:
            self.paid[order.payer].append(str(order.order))
            self.orders.append(order)
        refused = order.amount == 13
        told = {"refusal": {"code": "limit_exceeded", "rule": "R-1"} if refused else None,
                "state": "REFUSED" if refused else "SUCCEEDED", "reasons": []}  # fmt: skip
        return self._made(key, "pay", **told)

    async def create_customer(self, person: Person, *, key: str) -> Reply:
        await asyncio.sleep(0.001)
        return self._made(key, "cus")

    async def create_merchant(self, name: str, mcc: str | None, *, key: str) -> Reply:
        return self._made(key, "mer")

    async def deposit(self, party: str, amount: int, currency: str, *, key: str) -> Reply:
        assert (amount, currency) == (5000, "CNY")
        return self._made(key, "dep")

    def _made(self, key: str, kind: str, **told: Any) -> Reply:
        said = {"id": f"{kind}_{len(self.answers)}", "created_at": self.now.isoformat(), **told}
        return Reply(201, self.answers.setdefault(key, said), 0.01, 1)


def row(number: int, payer: str = "alice", amount: int = 100) -> Row:
    at = START + timedelta(seconds=number)
    return Row(number, f"id-{number}", at, payer, "tea", amount, "CNY")


async def stream(rows: Iterable[Row | BadRow]) -> AsyncIterator[Row | BadRow]:
    for one in rows:
        yield one


async def replay(api: Api, rows: Iterable[Row | BadRow], *, in_flight: int = 16) -> Tally:
    tally = Tally(api.now)
    replayer = Replayer(cast(Client, api), MAP, tally, in_flight=in_flight)
    await replayer.run(stream(rows), Pace(None))
    return tally


async def test_each_payers_payments_stay_in_order_while_others_overtake() -> None:
    api = Api()
    rows = [row(n, payer=f"payer {n % 5}") for n in range(200)]
    await replay(api, rows)
    for payer in range(5):
        (paid,) = [ids for ids in api.paid.values() if ids[0] == f"id-{payer}"]
        assert paid == [f"id-{n}" for n in range(payer, 200, 5)]
    assert [order.order for order in api.orders] != [one.id for one in rows]
    assert 2 <= api.most_open <= 5


async def test_no_more_are_in_flight_than_allowed() -> None:
    api = Api()
    await replay(api, [row(n, payer=str(n)) for n in range(60)], in_flight=7)
    assert api.most_open == 7


async def test_parties_are_opened_once_and_the_same_again_makes_nothing() -> None:
    api = Api()
    rows = [row(n, payer=f"p{n % 3}") for n in range(30)]
    first = (await replay(api, rows)).report(1.0)
    assert (first.payments.created, first.payments.already_there) == (30, 0)
    assert first.customers.created == first.deposits.created == 3
    assert first.merchants.created == 1
    assert len(api.answers) == 37
    api.now += timedelta(seconds=1)
    again = (await replay(api, rows)).report(1.0)
    assert (again.payments.created, again.payments.already_there) == (0, 30)
    assert again.customers.already_there == again.deposits.already_there == 3
    assert (again.merchants.created, again.merchants.already_there) == (0, 1)
    assert len(api.answers) == 37
    assert again.states == {"SUCCEEDED": 30}


async def test_what_is_refused_is_told_and_the_rest_goes_on() -> None:
    api = Api()
    api.refuse = {"id-3": "idempotency_key_reused"}
    rows = [row(1), BadRow(2, "amount 0 is not above 0"), row(3), row(4, amount=13)]
    report = (await replay(api, rows)).report(2.0)
    assert (report.rows, report.bad_rows, report.payments.created) == (4, 2, 2)
    assert [(bad.row, bad.reason) for bad in report.bad] == [
        (2, "amount 0 is not above 0"),
        (3, "idempotency_key_reused x"),
    ]
    assert report.states == {"SUCCEEDED": 1, "REFUSED": 1}
    assert report.refusals == {"R-1": 1}
    assert (report.payments_per_s, report.p50_ms, report.p99_ms) == (1.0, 10.0, 10.0)


async def test_an_api_that_is_gone_ends_the_replay() -> None:
    api = Api()
    api.dead = True
    with pytest.raises(OutsideFailure, match="gone"):
        await replay(api, [row(n, payer=str(n)) for n in range(50)])


async def test_the_order_says_all_the_row_said() -> None:
    api = Api()
    full = Row(1, "i", START, "a", "b", 7, "CNY", None, "phone", "::1", 1.5, 2.5, "tea " * 60)
    await replay(api, [full])
    (order,) = api.orders
    place = order.environment
    assert place is not None
    assert (place.device, place.address, place.latitude, place.longitude) == (
        "phone", "::1", 1.5, 2.5,
    )  # fmt: skip
    assert (order.amount, order.currency, order.factors) == (7, "CNY", ("password", "sms_code"))
    assert order.occurred_at is not None
    assert datetime.fromisoformat(order.occurred_at) == START
    assert order.description == ("tea " * 60)[:200]


def test_a_pace_is_the_historys_own_times_speed() -> None:
    later = START + timedelta(minutes=5)
    assert Pace(None).due_s(START, later) == 0
    assert Pace(1).due_s(START, later) == 300
    assert Pace(60).due_s(START, later) == 5


@pytest.mark.parametrize("name", ["17", "order 17", "单号一", "%", "x" * 300])
def test_a_key_is_printable_short_and_its_own(name: str) -> None:
    key = key_of("shop", "payment", name)
    assert key.isascii() and key.isprintable() and " " not in key
    assert 1 <= len(key) <= 128
    assert key != key_of("shop", "customer", name)
    assert key != key_of("other", "payment", name)
    assert key != key_of("shop", "payment", name + "0")
    assert key == key_of("shop", "payment", name)


def test_a_placeholder_is_accepted_the_same_again_and_nobodys() -> None:
    made = placeholder("shop", "alice", 3)
    assert made == placeholder("shop", "alice", 3) != placeholder("shop", "bob", 3)
    assert made.document != placeholder("other", "alice", 3).document
    document = parse_document(DocumentType(made.document[0]), made.document[1])
    person = parse_person(made.name, made.phone, document)
    assert person.phone.startswith("+999")
    assert "alice" not in made.name
