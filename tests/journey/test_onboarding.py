"""Onboarding over HTTP against registries that sign, contradict, fail and are slow."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.journey.town import (
    APPLICATION,
    CARD,
    NUMBER,
    PHONE,
    RECORD,
    B,
    C,
    F,
    M,
    R,
    Town,
    town,
)

from anfu.channels.registries.simulator import Trouble
from anfu.compliance.ask_late import ask_late
from anfu.parties.identity.verification import Kind
from anfu.parties.operations import set_customer_status
from anfu.parties.party import Status

__all__ = ["town"]


@pytest.mark.parametrize(
    ("kinds", "account_class", "missing"),
    [
        ((C,), 1, {"2": 2, "3": 4}),
        ((C, B), 1, {"2": 1, "3": 3}),
        ((C, B, M), 2, {"3": 2}),
        ((C, B, M, R), 2, {"3": 1}),
        ((C, B, M, R, F), 3, {}),
        ((C, C, C), 1, {"2": 2, "3": 4}),
    ],
    ids=["one", "two", "three", "four", "five", "one thrice"],
)
async def test_the_class_follows_from_independent_channels(
    town: Town, kinds: tuple[Kind, ...], account_class: int, missing: dict[str, int]
) -> None:
    onboarding = await town.apply()
    said = await town.earn(onboarding, *kinds)
    assert (said["state"], said["account_class"], said["missing"]) == (
        "OPENED", account_class, missing,
    )  # fmt: skip
    customer = (await town.house.office.get(f"/v1/customers/{said['customer']}")).json()
    assert customer["account_class"] == account_class
    assert NUMBER not in str(said) and PHONE not in str(said) and CARD not in str(said)


async def test_each_class_spends_to_its_limit_and_not_one_fen_more(town: Town) -> None:
    office, house = town.house.office, town.house
    payee = await office.merchant()
    onboarding = await town.apply()
    payer = (await town.earn(onboarding, C))["customer"]
    await town.deposit(payer, 50_000_000)
    strong = {"factors": ["password", "certificate"]}
    assert (await office.pay(payer, payee, 100_000, **strong))["state"] == "SUCCEEDED"
    assert (await office.pay(payer, payee, 1, **strong))["refusal"]["article"] == "11(1)"
    for kinds, limit, article in (((B, M), 10_000_000, "11(2)"), ((R, F), 20_000_000, "11(3)")):
        await town.earn(onboarding, *kinds)
        house.clock.advance(timedelta(days=1))  # many payments at once are challenged
        async with house.database.transaction() as tx:
            await tx.execute(
                "INSERT INTO limits.counter (metric, subject, span, starts_on, amount) VALUES"
                " ('balance_payment/CNY', $1, 'calendar_year', DATE '2026-01-01', $2)"
                " ON CONFLICT (metric, subject, span, starts_on) DO UPDATE SET amount = $2",
                payer, limit - 100,
            )  # fmt: skip
        refused = await office.pay(payer, payee, 101, **strong)
        assert (refused["state"], refused["refusal"]["article"]) == ("REFUSED", article)
        assert (await office.pay(payer, payee, 100, **strong))["state"] == "SUCCEEDED"
        over = await office.pay(payer, payee, 1, **strong)
        assert (over["state"], (over["refusal"] or {}).get("article")) == ("REFUSED", article), over


async def test_a_class_two_bank_account_confirms_and_does_not_count(town: Town) -> None:
    town.registries[B].grades[CARD] = "II"
    onboarding = await town.apply()
    said = await town.earn(onboarding, B)
    assert (said["state"], said["channels"]) == ("APPLIED", 0)
    (asked,) = said["verifications"]
    assert (asked["state"], asked["counts"]) == ("CONFIRMED", False)


async def test_two_channels_of_one_firm_are_one(town: Town) -> None:
    town.registries[M].source = town.registries[C].source
    said = await town.earn(await town.apply(), C, M, R)
    assert (said["channels"], said["account_class"]) == (2, 1)


@pytest.mark.parametrize("trouble", ["slow", "failed", "forged"])
async def test_what_cannot_be_trusted_is_unknown_and_asked_again(town: Town, trouble: str) -> None:
    registry = town.registries[C]
    registry.trouble, reason = {
        "slow": (Trouble(delay_s=0.5), "timed_out"),
        "failed": (Trouble(status=503), "http_503"),
        "forged": (Trouble(signer=town.rogue), "message_forged"),
    }[trouble]
    onboarding = await town.apply()
    said = await town.earn(onboarding, C)
    (asked,) = said["verifications"]
    assert (said["state"], asked["state"], asked["reason"]) == ("APPLIED", "UNKNOWN", reason)
    async with town.house.untouched():
        again = await town.ask(onboarding, C)
        assert (again.status_code, again.json()["code"]) == (409, "verification_open")
    registry.trouble = Trouble()
    assert await ask_late(town.house.tools, town.house.clock) == 0
    town.house.clock.advance(timedelta(seconds=31))
    assert await ask_late(town.house.tools, town.house.clock) == 1
    said = await town.read(onboarding)
    (asked,) = said["verifications"]
    assert (said["state"], asked["state"], asked["attempts"]) == ("OPENED", "CONFIRMED", 2)
    assert len(set(registry.asked)) == 1


async def test_a_process_killed_between_call_and_record_loses_nothing(town: Town) -> None:
    onboarding = await town.apply()
    town.cables[C].after = RuntimeError("killed")
    assert (await town.ask(onboarding, C)).status_code == 500
    (asked,) = (await town.read(onboarding))["verifications"]
    assert asked["state"] == "ASKED"
    town.cables[C].after = None
    town.house.clock.advance(timedelta(seconds=31))
    assert await ask_late(town.house.tools, town.house.clock) == 1
    assert (await town.read(onboarding))["account_class"] == 1
    assert town.registries[C].asked == [asked["id"]] * 2


async def test_answers_at_once_are_counted_one_after_the_other(town: Town) -> None:
    onboarding = await town.apply()
    answers = await asyncio.gather(*(town.ask(onboarding, kind) for kind in Kind))
    assert [answer.status_code for answer in answers] == [201] * 5
    assert (await town.read(onboarding))["account_class"] == 3
    assert await town.house.count("parties.customer") == 1
    same = await asyncio.gather(*(town.ask(onboarding, C) for _ in range(4)))
    assert sorted(answer.status_code for answer in same) == [201, 409, 409, 409]


async def test_a_wish_sent_twice_is_asked_once(town: Town) -> None:
    path = f"/v1/onboardings/{await town.apply()}/verifications"
    first = await town.house.office.post(path, {"kind": C.value}, key="once")
    again = await town.house.office.post(path, {"kind": C.value}, key="once")
    assert first.json() == again.json()
    assert len(town.registries[C].asked) == 1


async def test_a_later_contradiction_lowers_the_class_and_suspends(town: Town) -> None:
    onboarding = await town.apply()
    payer = (await town.earn(onboarding, C, B, M))["customer"]
    for kind, left in ((M, 1), (B, 1), (C, None)):
        town.registries[kind].records[NUMBER] = {**RECORD, "name": "李四"}
        said = await town.earn(onboarding, kind)
        assert said["account_class"] == left
    assert said["state"] == "SUSPENDED"
    customer = (await town.house.office.get(f"/v1/customers/{payer}")).json()
    assert customer["status"] == "SUSPENDED"


@pytest.mark.parametrize("first", ["ours", "theirs"])
async def test_a_renewal_lifts_only_the_suspension_it_caused(town: Town, first: str) -> None:
    onboarding, database = await town.apply(), town.house.database
    payer = (await town.earn(onboarding, C))["customer"]

    async def by_hand(status: Status) -> None:
        await database.run(
            lambda tx: set_customer_status(tx, customer_id=payer, merchant=None, status=status)
        )

    async def status() -> str:
        return str((await town.house.office.get(f"/v1/customers/{payer}")).json()["status"])

    if first == "ours":
        await by_hand(Status.SUSPENDED)
    town.registries[C].records[NUMBER] = {**RECORD, "name": "李四"}
    assert (await town.earn(onboarding, C))["state"] == "SUSPENDED"
    if first == "theirs":
        await by_hand(Status.SUSPENDED)
    town.registries[C].records[NUMBER] = RECORD
    assert (await town.earn(onboarding, C))["state"] == "OPENED"
    assert await status() == "SUSPENDED"
    await by_hand(Status.ACTIVE)
    town.registries[C].records[NUMBER] = {**RECORD, "name": "李四"}
    await town.earn(onboarding, C)
    assert await status() == "SUSPENDED"
    town.registries[C].records[NUMBER] = RECORD
    await town.earn(onboarding, C)
    assert await status() == "ACTIVE"


async def test_an_expired_document_stops_payments_until_it_is_renewed(town: Town) -> None:
    office, clock = town.house.office, town.house.clock
    onboarding = await town.apply()
    payer = (await town.earn(onboarding, C))["customer"]
    await town.deposit(payer, 1000)
    payee = await office.merchant()
    clock.set(datetime(2027, 11, 23, 15, 59, 50, tzinfo=UTC))
    assert (await office.pay(payer, payee, 1))["state"] == "SUCCEEDED"
    clock.set(datetime(2027, 11, 23, 16, 0, tzinfo=UTC))
    order = {"payer": payer, "payee": payee, "amount": 1, "currency": "CNY",
             "method": {"type": "balance"}, "factors": ["password"]}  # fmt: skip
    async with town.house.untouched():
        for language in ("en", "zh"):
            said = await office.post("/v1/payments", order, headers={"Accept-Language": language})
            assert (said.status_code, said.json()["code"]) == (409, "payer_document_expired")
            assert "令〔2025〕11号" in said.json()["detail"]
        stale = await town.ask(onboarding, C)
        assert stale.json()["code"] == "document_expired"
    town.registries[C].records[NUMBER] = {**RECORD, "document_until": "2047-11-23"}
    assert (await town.ask(onboarding, C, document_until="2047-11-23")).status_code == 201
    assert (await office.pay(payer, payee, 1))["state"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("kind", "more", "code"),
    [
        (B, {"card": "6222020200112233441"}, "card_invalid"),
        (C, {"card": CARD}, "particulars_invalid"),
        (F, {"capture": None}, "particulars_invalid"),
        (C, {"document_until": "2020-01-01"}, "document_expired"),
    ],
)
async def test_a_wrong_wish_changes_and_sends_nothing(
    town: Town, kind: Kind, more: dict[str, Any], code: str
) -> None:
    onboarding = await town.apply()
    async with town.house.untouched():
        answer = await town.ask(onboarding, kind, **more)
    assert answer.json()["code"] == code
    assert all(registry.asked == [] for registry in town.registries.values())


async def test_one_person_applies_once_and_a_stranger_sees_nothing(town: Town) -> None:
    onboarding = await town.apply()
    stranger = await town.house.client(merchant=await town.house.office.merchant())
    async with town.house.untouched():
        second = await town.house.office.post("/v1/onboardings", APPLICATION)
        assert (second.status_code, second.json()["code"]) == (409, "onboarding_exists")
        path = f"/v1/onboardings/{onboarding}"
        assert (await stranger.get(path)).json()["code"] == "onboarding_not_found"
        asked = await stranger.post(f"{path}/verifications", {"kind": C.value})
        assert asked.json()["code"] == "onboarding_not_found"


async def test_no_personal_data_stands_in_the_database_or_the_evidence(town: Town) -> None:
    await town.earn(await town.apply(), *Kind)
    tables = ("parties.onboarding", "parties.verification", "parties.customer", "evidence.leaf",
              "storage.idempotency")  # fmt: skip
    async with town.house.database.transaction(readonly=True) as tx:
        for table in tables:
            text = str([dict(r) for r in await tx.fetch(f"SELECT * FROM {table}")])
            bodies = [bytes(v).decode("utf-8", "replace") for r in await tx.fetch(
                f"SELECT * FROM {table}") for v in r if isinstance(v, bytes)]  # fmt: skip
            for secret in (NUMBER, PHONE, CARD, "张小明", "cap_1"):
                assert secret not in text + "".join(bodies), (table, secret)
