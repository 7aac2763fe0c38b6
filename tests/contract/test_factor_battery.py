"""What every factor must do, run over HTTP with the real verification behind it."""

from __future__ import annotations

import hmac
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from tests.contract.factor_hands import ALL, ENROLLED, PASSWORD, Hand, hand_of
from tests.journey.conftest import House, open_house
from tests.journey.factors.steps import COOLED, ask, begin, prove
from tests.journey.test_challenge import code_of

from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SeededEntropy
from anfu.payments.tools import Policy
from anfu.storage.database import Database

# Over what one class of factors pays in a day (43号 art. 24(3)); two of it are within what two do.
AMOUNT = 120_000
_SIGNED = ("passkey", "device_key", "face")


@pytest.fixture
async def house(
    database: Database, clock: ManualClock, entropy: SeededEntropy
) -> AsyncIterator[House]:
    policy = Policy(development=True)
    async with open_house(database, clock=clock, entropy=entropy, policy=policy) as built:
        yield built


@pytest.fixture
async def hand(house: House, request: pytest.FixtureRequest) -> AsyncIterator[Hand]:
    """A customer with the factor, and a password beside it; both past their cooling-off."""
    async with hand_of(house, request.param) as made:
        if made.kind != "password":
            await begin(house.office, made.payer, "password", password=PASSWORD)
        if made.kind in ENROLLED:
            await made.enrol()
        house.clock.advance(COOLED)
        yield made


def of(*kinds: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("hand", kinds, indirect=True)


async def challenged(hand: Hand, **more: Any) -> dict[str, Any]:
    """A payment that waits for two classes of factors, this one among them."""
    payee = await hand.house.office.merchant()
    payment = await hand.house.office.pay(hand.payer, payee, AMOUNT, factors=[], **more)
    assert payment["state"] == "CHALLENGED", payment
    assert hand.kind in (await ask(hand.house.office, payment))["next"]
    return payment


async def said(hand: Hand, payment: dict[str, Any], answer: dict[str, Any], **more: Any) -> Any:
    return await prove(hand.house.office, payment, hand.kind, **answer, **more)


async def factor_of(hand: Hand) -> dict[str, Any]:
    """The newest factor of the kind."""
    path = f"/v1/customers/{hand.payer}/factors"
    data = (await hand.house.office.get(path)).json()["data"]
    return next(dict(one) for one in data if one["kind"] == hand.kind)


async def notices(hand: Hand) -> list[str]:
    page = (await hand.house.office.get("/v1/development/messages", to=hand.payer)).json()
    return [m["kind"] for m in reversed(page["data"]) if m["kind"].startswith("factor_")]


@of(*ALL)
async def test_it_proves_its_class_and_another_one_completes_the_way(hand: Hand) -> None:
    payment, office = await challenged(hand), hand.house.office
    more = await said(hand, payment, await hand.answer(payment))
    assert (more.status_code, more.json()["state"]) == (200, "CHALLENGED"), more.text
    asked = await ask(office, payment)
    assert (asked["proven"], hand.kind in asked["next"]) == ([hand.kind], False)
    if hand.kind == "password":
        await office.post(f"/v1/payments/{payment['id']}/challenge/code")
        other: dict[str, Any] = {"code": await code_of(hand.house, hand.payer)}
        done = await prove(office, payment, "sms_code", **other)
    else:
        done = await prove(office, payment, "password", password=PASSWORD)
    assert done.json()["state"] == "SUCCEEDED", done.text
    assert done.json()["factors"][0] == hand.kind
    await hand.house.check_books()


@of(*ALL)
async def test_a_wrong_proof_is_counted_and_the_limit_blocks(hand: Hand) -> None:
    payment = await challenged(hand)
    for left in (4, 3, 2, 1):
        answer = await said(hand, payment, await hand.amiss(payment))
        assert (answer.status_code, answer.json()["details"]) == (422, {"attempts_left": left})
        assert answer.json()["code"] == "challenge_failed"
    last = await said(hand, payment, await hand.amiss(payment))
    assert (last.status_code, last.json()["state"]) == (200, "BLOCKED")
    async with hand.house.untouched():
        late = await said(hand, payment, {_part(hand): _any(hand)})
        assert (late.status_code, late.json()["code"]) == (409, "payment_not_challenged")
    assert await hand.house.office.balance(hand.payer) == (1_000_000, 1_000_000)


@of(*ALL)
async def test_it_proves_within_five_minutes(hand: Hand) -> None:
    payment = await challenged(hand)
    answer = await hand.answer(payment)
    hand.house.clock.advance(timedelta(minutes=5))
    late = await said(hand, payment, answer)
    assert (late.status_code, late.json()["state"]) == (200, "EXPIRED")
    assert await hand.house.office.balance(hand.payer) == (1_000_000, 1_000_000)


# A password is said anew each time: that it is only half of a way is what stands against a replay.
@of(*(kind for kind in ALL if kind != "password"))
async def test_the_proof_of_one_payment_is_none_of_another_order(hand: Hand) -> None:
    first, second = await challenged(hand, order="A-1"), await challenged(hand, order="A-2")
    answer = await hand.answer(first)
    if hand.kind in _SIGNED or hand.kind == "sms_code":  # bound before it was ever used
        crossed = await said(hand, second, answer)
        assert (crossed.status_code, crossed.json()["code"]) == (422, "challenge_failed")
        answer = await hand.answer(first)
    assert (await said(hand, first, answer)).status_code == 200
    replayed = await said(hand, second, answer)
    assert (replayed.status_code, replayed.json()["code"]) == (422, "challenge_failed")


@pytest.mark.parametrize(
    "other",
    [{"payee": "mer_another"}, {"amount": AMOUNT - 1}, {"currency": "USD"}],
    ids=["payee", "amount", "currency"],
)
@of(*ALL)
async def test_a_payment_shown_otherwise_is_blocked(hand: Hand, other: dict[str, Any]) -> None:
    payment = await challenged(hand)
    right = {"payee": payment["payee"], "amount": AMOUNT, "currency": "CNY"}
    answer = await hand.answer(payment)
    done = await said(hand, payment, answer, shown={**right, **other})
    assert (done.status_code, done.json()["state"]) == (200, "BLOCKED"), done.text
    assert await hand.house.office.balance(hand.payer) == (1_000_000, 1_000_000)


@of(*ENROLLED)
async def test_a_removed_factor_is_useless_and_a_new_one_cools_off(hand: Hand) -> None:
    office, payment = hand.house.office, await challenged(hand)
    answer = await hand.answer(payment)
    factor = await factor_of(hand)
    ended = await office.post(f"/v1/factors/{factor['id']}/end", {"why": "lost"})
    assert ended.json()["state"] == "LOST"
    useless = await said(hand, payment, answer)
    assert (useless.status_code, useless.json()["code"]) == (422, "challenge_failed")
    again = await hand.enrol()
    payee = await office.merchant()
    for cooled in (False, True):
        if cooled:
            hand.house.clock.advance(COOLED)
        later = await office.pay(hand.payer, payee, AMOUNT, factors=[])
        offered = later["state"] == "CHALLENGED" and hand.kind in (await ask(office, later))["next"]
        assert offered is cooled, (cooled, later)
    assert again["id"] != factor["id"]
    changes = [kind for kind in await notices(hand) if kind != "factor_active"]
    beside = [] if hand.kind == "password" else ["factor_cooling"]
    assert changes == [*beside, "factor_lost", "factor_cooling"]


@of("sms_code", "totp", "hotp", "face")
async def test_what_is_compared_is_compared_in_constant_time(
    hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others compare nothing secret (a signature) or are Argon2id's own comparison."""
    compared: list[int] = []
    real = hmac.compare_digest

    def seen(one: Any, other: Any) -> bool:
        compared.append(len(one))
        return real(one, other)

    payment = await challenged(hand)
    amiss = await hand.amiss(payment)
    monkeypatch.setattr(hmac, "compare_digest", seen)
    before = len(compared)
    assert (await said(hand, payment, amiss)).status_code == 422
    wrong_at = sorted(compared[before:])
    before = len(compared)
    assert (await said(hand, payment, await hand.answer(payment))).status_code == 200
    assert len(wrong_at) > 0
    assert set(wrong_at) <= set(compared[before:])  # the same comparisons, right or wrong


@of(*ALL)
async def test_nothing_secret_is_logged(hand: Hand, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    if hand.kind in ENROLLED:
        factor = await factor_of(hand)
        await hand.house.office.post(f"/v1/factors/{factor['id']}/end", {"why": "lost"})
        await hand.enrol()
        hand.house.clock.advance(COOLED)
    payment = await challenged(hand)
    await said(hand, payment, await hand.amiss(payment))
    assert (await said(hand, payment, await hand.answer(payment))).status_code == 200
    assert hand.kind == "passkey" or hand.secrets
    for secret in hand.secrets:
        assert secret not in caplog.text


def _part(hand: Hand) -> str:
    parts = {"password": "password", "passkey": "assertion", "device_key": "signature"}
    return "capture" if hand.kind == "face" else parts.get(hand.kind, "code")


def _any(hand: Hand) -> Any:
    return {} if hand.kind == "passkey" else "123456"
