"""Behaviour is told, kept once, and learned at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from tests.journey.conftest import House

from anfu.risk.event import Event, Kind
from anfu.risk.label import Told
from anfu.risk.queries import stream_learned

EVENTS, BATCH = "/v1/events", "/v1/events/batch"

# As people write them, the last in full-width digits.
PHONES = ("13800138000", "+86 138 0013 8000", "（010）6552-9988", "１３８００１３８０００")


def log_in(number: int = 1, **more: Any) -> dict[str, Any]:
    return {"event": f"e-{number}", "kind": "LOGIN", "payer": "alice", **more}


def refused(answer: Any, status: int, code: str, field: str | None = None) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    if field is not None:
        assert answer.json()["field"] == field


@pytest.fixture
def learned(house: House, monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """What the engine has observed, in its order."""
    seen: list[Event] = []
    real = house.tools.engine.observe

    async def observe(events: Sequence[Event]) -> None:
        seen.extend(events)
        await real(events)

    monkeypatch.setattr(house.tools.engine, "observe", observe)
    return seen


async def kept(house: House) -> list[Event]:
    """The stream that profiles are rebuilt from, without payments."""
    async with house.database.transaction(readonly=True) as tx:
        steps = [step async for step in stream_learned(tx)]
    return [s for s in steps if not isinstance(s, Told) and s.kind is not Kind.PAYMENT]


async def test_every_kind_is_kept_whole_and_learned(house: House, learned: list[Event]) -> None:
    place = {"device": "d-1", "address": "203.0.113.7", "latitude": 31.2, "longitude": 121.5}
    told = [
        log_in(1, environment=place),
        log_in(2, kind="LOGIN_FAILED"),
        log_in(3, kind="PASSWORD_CHANGE", terminal="till"),
        log_in(4, kind="PHONE_CHANGE", phone="tok_new"),
        log_in(5, kind="DEVICE_BIND", environment={"device": "d-2"}),
        log_in(6, kind="PAYEE_ADD", payee="bob", payee_kind="CUSTOMER"),
        log_in(7, kind="PAGE", duration_ms=1234),
        log_in(8, kind="REFUND", payee="shop", amount=500, currency="CNY", mcc="5814",
               promotion="p", card="tok"),
    ]  # fmt: skip
    answer = await house.office.post(BATCH, {"events": told})
    assert answer.status_code == 201
    assert [d["kind"] for d in answer.json()["data"]] == [t["kind"] for t in told]
    assert await kept(house) == learned
    assert [e.id for e in learned] == [f"e-{n}" for n in range(1, 9)]
    assert learned[0].environment.latitude == 31.2
    assert (learned[6].amount, learned[7].amount, learned[7].payee) == (1234, 500, "shop")
    assert {e.at for e in learned} == {house.clock.now()}


async def test_behaviour_is_learned_once_however_often_it_is_told(
    house: House, learned: list[Event]
) -> None:
    first = await house.office.post(EVENTS, log_in(), key="k")
    async with house.untouched():
        again = await house.office.post(EVENTS, log_in(), key="k")
        refused(await house.office.post(EVENTS, log_in(2), key="k"), 422, "idempotency_key_reused")
    assert first.status_code == 201
    assert again.content == first.content
    assert [e.id for e in learned] == ["e-1"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "PAGE"}, "duration_ms"),
        ({"kind": "REFUND", "payee": "b", "amount": 1}, "currency"),
        ({"kind": "PAYEE_ADD"}, "payee"),
        ({"kind": "DEVICE_BIND"}, "environment.device"),
        ({"kind": "PHONE_CHANGE"}, "phone"),
        ({"kind": "LOGIN", "amount": 5}, "amount"),
        ({"kind": "LOGIN", "duration_ms": 5}, "duration_ms"),
        ({"kind": "PAGE", "duration_ms": 1, "amount": 5}, "amount"),
        ({"kind": "PAYMENT"}, "kind"),
    ],
)
async def test_what_a_kind_needs_and_has_not_is_refused(
    house: House, learned: list[Event], body: dict[str, Any], field: str
) -> None:
    async with house.untouched():
        refused(await house.office.post(EVENTS, log_in(**body)), 422, "field_invalid", field)
        batch = {"events": [log_in(0), log_in(1, **body)]}
        answer = await house.office.post(BATCH, batch)
        refused(answer, 422, "field_invalid", f"events[1].{field}")
    assert learned == []


async def test_numbers_of_cards_and_phones_are_refused_and_kept_nowhere(house: House) -> None:
    async with house.untouched():
        for number in (
            "13800138000",
            "+86 138 0013 8000",
            "（010）6552-9988",
            "１３８００１３８０００",
        ):
            answer = await house.office.post(EVENTS, log_in(kind="PHONE_CHANGE", phone=number))
            refused(answer, 422, "phone_number_refused", "phone")
            assert number not in answer.text
        answer = await house.office.post(EVENTS, log_in(card="4111 1111 1111 1111"))
        refused(answer, 422, "card_number_refused", "card")


async def test_a_merchant_says_nothing_about_payers(house: House, learned: list[Event]) -> None:
    shop = await house.client(merchant=await house.office.merchant())
    narrow = await house.client(scopes={"events:read"})
    async with house.untouched():
        refused(await shop.post(EVENTS, log_in()), 403, "institution_only")
        refused(await narrow.post(EVENTS, log_in()), 403, "scope_missing")
        answer = await house.office.post(EVENTS, log_in(occurred_at="2026-11-20T00:00:00Z"))
        refused(answer, 422, "history_not_accepted", "occurred_at")
    assert learned == []


async def test_a_refund_that_is_asked_for_is_behaviour(house: House, learned: list[Event]) -> None:
    payer, payee = await house.office.customer(deposit=10_000), await house.office.merchant()
    paid = await house.office.pay(payer, payee, 4_000)
    wish = {"payment": paid["id"], "amount": 1_000}
    refund = (await house.office.post("/v1/refunds", wish, key="r")).json()
    await house.office.post("/v1/refunds", wish, key="r")
    too_much = await house.office.post("/v1/refunds", {"payment": paid["id"], "amount": 9_000})
    assert too_much.status_code == 422
    (event,) = learned
    assert (event.id, event.kind) == (refund["id"], Kind.REFUND)
    assert (event.payer, event.payee, event.amount) == (payer, payee, 1_000)
    assert await kept(house) == learned


async def test_a_payment_knows_its_payees_kind_and_the_payers_phone_by_token(
    house: House,
) -> None:
    payer, payee = await house.office.customer(deposit=10_000), await house.office.merchant()
    friend = await house.office.customer()
    facts = []
    for who, more in ((payee, {"terminal": "till-4", "promotion": "spring"}), (friend, {})):
        paid = await house.office.pay(payer, who, 500, **more)
        decision = await house.office.get(f"/v1/decisions/{paid['decision']}")
        facts.append(decision.json()["facts"])
    names = ("payee_kind", "mcc", "terminal", "promotion")
    assert [facts[0][n] for n in names] == ["MERCHANT", "5814", "till-4", "spring"]
    assert [facts[1][n] for n in names] == ["CUSTOMER", None, None, None]
    assert facts[0]["phone"] == facts[1]["phone"]
    assert len(facts[0]["phone"]) == 32
    async with house.database.transaction(readonly=True) as tx:
        whole = await tx.fetchval("SELECT phone_index FROM parties.customer WHERE id = $1", payer)
    assert facts[0]["phone"] == whole.hex()[:32]


async def test_a_challenge_answered_wrongly_is_behaviour_once(
    house: House, learned: list[Event]
) -> None:
    office = house.office
    payer, payee = await office.customer(deposit=100_000), await office.merchant()
    payments = [await office.pay(payer, payee, 600 + n) for n in range(9)]
    asked = next(p for p in payments if p["state"] == "CHALLENGED")
    path = f"/v1/payments/{asked['id']}/challenge"
    refused(await office.post(path, {"code": "000000"}, key="w"), 422, "challenge_failed")
    at = house.clock.now()
    refused(await office.post(path, {"code": "000000"}, key="w"), 422, "challenge_failed")
    (event,) = learned
    assert (event.kind, event.payer, event.at) == (Kind.LOGIN_FAILED, payer, at)
    assert await kept(house) == learned
    messages = (await office.get("/v1/development/messages", to=payer)).json()["data"]
    code = next(c[0] for m in reversed(messages) if (c := re.search(r"\b\d{6}\b", m["text"])))
    await office.post(path, {"code": code})
    assert [event.kind for event in learned] == [
        Kind.LOGIN_FAILED,
        Kind.LOGIN,
        Kind.CHALLENGE_PASSED,
    ]
