"""A call is sent again under the same key, for as long as it may take and no longer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from anfu.client.asynchronous import AsyncClient
from anfu.client.call import Credentials, Settings
from anfu.client.guard import Stopped, guard
from anfu.client.problems import NoAnswer, Problem
from anfu.client.sync import Client
from anfu.client.wishes import Payment

PAYMENT = Payment(event="订单 17", payer="a", payee="b", amount=1, currency="CNY", method="card")
DECISION = {
    "id": "dec_1", "object": "decision", "event": "e", "outcome": "ALLOW", "grade": "LOW",
    "score": 0, "reasons": [], "list_hits": [], "model_score": None, "degraded": [],
    "dry_run": False, "catalogue": "c", "rule_set": "r", "occurred_at": "2026-11-23T04:00:00Z",
    "of_a_later_version": 1,
}  # fmt: skip
End = httpx.Response | Exception


@dataclass
class Server:
    """Ends each sending as it is told, the last way for good; time passes by what it takes."""

    ends: list[Callable[[], End]]
    takes_s: float = 0.0
    now_s: float = 100.0
    asked: list[httpx.Request] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        self.now_s += min(self.takes_s, request.extensions["timeout"]["read"])
        end = (self.ends.pop(0) if len(self.ends) > 1 else self.ends[0])()
        if isinstance(end, Exception):
            raise end
        return end

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds

    def client(self, **settings: Any) -> Client:
        patience = Settings(
            clock=lambda: self.now_s, stopwatch=lambda: self.now_s, entropy=bytes, **settings
        )
        return Client("http://anfu", Credentials("key_1", "sk_1"), settings=patience,
                      transport=httpx.MockTransport(self), sleep=self.sleep)  # fmt: skip


def good() -> End:
    return httpx.Response(201, json=DECISION)


def late() -> End:
    return httpx.ReadTimeout("late")


def problem(status: int, code: str) -> Callable[[], End]:
    return lambda: httpx.Response(status, json={"code": code, "status": status, "title": "no"})


def test_the_same_call_is_sent_until_it_is_answered() -> None:
    ends = [late, problem(503, "unavailable"), problem(409, "idempotency_in_flight"), good]
    server = Server([*ends[:1], lambda: httpx.ConnectError("refused"), *ends[1:]])
    with server.client() as client:
        assert client.decide(PAYMENT, deadline_ms=50).id == "dec_1"
    assert server.slept == [0.02, 0.04, 0.08, 0.16]
    assert {r.headers["idempotency-key"] for r in server.asked} == {"00" * 16}
    assert len({r.content for r in server.asked}) == 1
    assert all(r.headers["anfu-signature"].startswith("t=100,v1=") for r in server.asked)


def test_a_call_ends_within_its_time_and_says_under_which_key_to_find_out() -> None:
    server = Server([late], takes_s=0.1)
    with server.client() as client, pytest.raises(NoAnswer) as silence:
        client.decide(PAYMENT, key="mine", within_s=0.5)
    assert silence.value.idempotency_key == "mine"
    assert server.now_s - 100.0 == pytest.approx(0.5)
    assert len(server.asked) == 4
    timeouts = [r.extensions["timeout"]["read"] for r in server.asked]
    assert timeouts == sorted(timeouts, reverse=True)
    assert timeouts[0] == 0.5


@pytest.mark.parametrize(
    ("end", "code", "status"),
    [(problem(422, "card_number_refused"), "card_number_refused", 422),
     (problem(409, "proposal_closed"), "proposal_closed", 409),
     (problem(500, "internal_error"), "internal_error", 500),
     (lambda: httpx.Response(413, content=b"<html>"), "unreadable", 413)],
)  # fmt: skip
def test_a_no_is_told_at_once(end: Callable[[], End], code: str, status: int) -> None:
    server = Server([end])
    with server.client() as client, pytest.raises(Problem) as no:
        client.decide(PAYMENT)
    assert (no.value.code, no.value.status, len(server.asked)) == (code, status, 1)


async def test_the_awaited_client_does_the_same() -> None:
    server, slept = Server([late, problem(503, "unavailable"), good]), []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    settings = Settings(clock=lambda: 100.0, stopwatch=lambda: 0.0, entropy=bytes)
    async with AsyncClient(
        "http://anfu", Credentials("key_1", "sk_1"), settings=settings,
        transport=httpx.MockTransport(server), sleep=sleep,
    ) as client:  # fmt: skip
        assert (await client.decide(PAYMENT)).allowed
    assert slept == [0.02, 0.04]
    assert {r.headers["idempotency-key"] for r in server.asked} == {"00" * 16}


@pytest.mark.parametrize("outcome", ["ALLOW", "CHALLENGE", "REVIEW", "BLOCK"])
def test_a_guarded_function_pays_only_what_is_allowed(outcome: str) -> None:
    paid: list[int] = []
    server = Server([lambda: httpx.Response(201, json={**DECISION, "outcome": outcome})])
    with server.client() as client:

        @guard(client, lambda amount: PAYMENT)
        def pay(amount: int) -> int:
            paid.append(amount)
            return amount

        if outcome == "ALLOW":
            assert pay(5) == 5
        else:
            with pytest.raises(Stopped) as stopped:
                pay(5)
            assert stopped.value.decision is not None
            assert stopped.value.decision.outcome == outcome
    assert paid == [5] * (outcome == "ALLOW")
    assert server.asked[0].headers["idempotency-key"].isalnum()


def test_a_payment_without_an_answer_goes_by_the_callers_policy() -> None:
    paid: list[int] = []
    server = Server([late], takes_s=0.2)
    with server.client() as client:

        @guard(client, lambda amount: Payment(event="e", payer="a", payee="b", amount=amount,
                                              currency="CNY", method="card"),
               unanswered=lambda payment: payment.amount <= 100)  # fmt: skip
        def pay(amount: int) -> None:
            paid.append(amount)

        pay(100)
        with pytest.raises(Stopped) as stopped:
            pay(101)
        assert stopped.value.decision is None
    assert paid == [100]


def test_a_no_of_the_api_is_no_permission() -> None:
    paid: list[int] = []
    server = Server([problem(401, "signature_invalid")])
    with server.client() as client:
        pay = guard(client, lambda: PAYMENT, unanswered=lambda _: True)(lambda: paid.append(1))
        with pytest.raises(Problem):
            pay()
    assert paid == []
