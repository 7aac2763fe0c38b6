"""A customer sets factors up, is challenged, and approves with each of them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.journey.conftest import House
from tests.journey.factors.authenticators import Authenticator, DeviceKey, seed_in
from tests.journey.factors.steps import (
    COOLED,
    LARGE,
    ask,
    begin,
    challenged,
    confirm,
    confirmed,
    prove,
    setup_of,
    totp,
    with_device_key,
    with_passkey,
    with_totp,
)
from tests.journey.test_challenge import code_of

from anfu.authentication.otp import hotp


async def test_the_first_factor_is_good_at_once_and_the_next_after_a_day(house: House) -> None:
    office = house.office
    payer = await office.customer(deposit=4 * LARGE)
    first, _ = await with_totp(house, payer)
    assert first["usable_from"] is not None
    assert (await ask(office, await challenged(house, payer)))["next"] == ["sms_code", "totp"]
    await with_passkey(house, payer, Authenticator())
    assert (await ask(office, await challenged(house, payer)))["next"] == ["sms_code", "totp"]
    house.clock.advance(COOLED)
    asked = await ask(office, await challenged(house, payer))
    assert asked["ways"] == [["passkey"], ["totp"], ["sms_code"]]
    texts = [m["text"] for m in
             (await office.get("/v1/development/messages", to=payer)).json()["data"]]  # fmt: skip
    assert [t for t in texts if "通行密钥" in t and "24 小时后" in t and "after 24 hours" in t]
    assert await house.kinds(first["id"]) == ["factor.pending", "factor.active"]


async def test_a_passkey_approves_and_its_assertion_is_good_once(house: House) -> None:
    office = house.office
    payer = await office.customer(deposit=3 * LARGE)
    phone = Authenticator()
    await with_passkey(house, payer, phone)
    payment, second = await challenged(house, payer), await challenged(house, payer)
    asked = await ask(office, payment)
    assert (asked["options"]["challenge"], asked["options"]["rpId"]) == (asked["sign"], "localhost")
    assertion = phone.get(asked["sign"])
    done = await prove(office, payment, "passkey", assertion=assertion)
    assert (done.status_code, done.json()["state"]) == (200, "SUCCEEDED"), done.text
    assert done.json()["factors"] == ["password", "certificate", "passkey"]
    async with house.untouched():
        again = await prove(office, payment, "passkey", assertion=assertion)
        assert (again.status_code, again.json()["code"]) == (409, "payment_not_challenged")
    replayed = await prove(office, second, "passkey", assertion=assertion)
    assert (replayed.status_code, replayed.json()["code"]) == (422, "challenge_failed")
    assert await office.balance(payer) == (2 * LARGE, 2 * LARGE)
    await house.check_books()


@pytest.mark.parametrize(
    "fault",
    [{"origin": "http://evil.test"}, {"rp": "evil.test"}, {"flags": 0x01}, {"flags": 0x04}],
    ids=["origin", "rp id", "user not verified", "user not present"],
)
async def test_an_assertion_made_elsewhere_is_wrong(house: House, fault: dict[str, Any]) -> None:
    office = house.office
    payer = await office.customer(deposit=LARGE)
    phone = Authenticator()
    await with_passkey(house, payer, phone)
    payment = await challenged(house, payer)
    sign = (await ask(office, payment))["sign"]
    liar = Authenticator(private=phone.private, count=phone.count, **fault)
    wrong = await prove(office, payment, "passkey", assertion=liar.get(sign))
    assert (wrong.status_code, wrong.json()["details"]) == (422, {"attempts_left": 4})
    assert (await prove(office, payment, "passkey", assertion=phone.get(sign))).json()[
        "state"
    ] == "SUCCEEDED"


@pytest.mark.parametrize("fault", [{"origin": "http://evil.test"}, {"rp": "x"}, {"flags": 0x01}])
async def test_a_passkey_made_elsewhere_is_not_enrolled(
    house: House, fault: dict[str, Any]
) -> None:
    payer = await house.office.customer()
    factor = await begin(house.office, payer, "passkey")
    options = (await setup_of(house.office, factor))["options"]
    async with house.untouched():
        made = await confirm(
            house.office, factor, attestation=Authenticator(**fault).create(options)
        )
        assert (made.status_code, made.json()["code"]) == (422, "passkey_invalid")
        for junk in ({}, {"id": 1}, {"response": None, "id": "x", "rawId": "x"}):
            made = await confirm(house.office, factor, attestation=junk)
            assert made.json()["code"] == "passkey_invalid"


async def test_a_counter_that_goes_back_is_a_copied_key(house: House) -> None:
    office = house.office
    payer = await office.customer(deposit=2 * LARGE)
    phone = Authenticator()
    await with_passkey(house, payer, phone)
    first, second = await challenged(house, payer), await challenged(house, payer)
    phone.count = 9
    good = phone.get((await ask(office, first))["sign"])
    assert (await prove(office, first, "passkey", assertion=good)).json()["state"] == "SUCCEEDED"
    copy = Authenticator(private=phone.private, count=4)
    old = await prove(office, second, "passkey",
                      assertion=copy.get((await ask(office, second))["sign"]))  # fmt: skip
    assert (old.status_code, old.json()["code"]) == (422, "challenge_failed")


async def test_a_totp_code_approves_once_within_its_drift(house: House) -> None:
    office = house.office
    payer = await office.customer(deposit=4 * LARGE)
    _, seed = await with_totp(house, payer)
    first, second = await challenged(house, payer), await challenged(house, payer)
    used = totp(house, seed)  # at set-up
    assert (await prove(office, first, "totp", code=used)).status_code == 422
    late = totp(house, seed, ahead=1)
    assert (await prove(office, first, "totp", code=late)).json()["state"] == "SUCCEEDED"
    assert (await prove(office, second, "totp", code=late)).status_code == 422
    assert (await prove(office, second, "totp", code=totp(house, seed, ahead=2))).status_code == 422
    house.clock.advance(COOLED / 1440)
    assert (
        await prove(office, second, "totp", code=totp(house, seed, ahead=-1))
    ).status_code == 422
    now = totp(house, seed)
    assert (await prove(office, second, "totp", code=now)).json()["state"] == "SUCCEEDED"


async def test_a_tokens_code_approves_once(house: House) -> None:
    office = house.office
    payer = await office.customer(deposit=2 * LARGE)
    factor = await begin(office, payer, "hotp")
    seed = seed_in((await setup_of(office, factor))["uri"])
    await confirmed(office, factor, code=hotp(seed, 0))
    payment = await challenged(house, payer)
    assert (await prove(office, payment, "hotp", code=hotp(seed, 0))).status_code == 422
    assert (await prove(office, payment, "hotp", code=hotp(seed, 6))).status_code == 422
    done = await prove(office, payment, "hotp", code=hotp(seed, 5))
    assert (done.json()["state"], done.json()["factors"][-1]) == ("SUCCEEDED", "hotp")


async def test_a_device_key_is_silent_and_counts_with_the_password_only(house: House) -> None:
    office = house.office
    payer = await office.customer(deposit=2 * LARGE)
    await begin(office, payer, "password", password="river-moon-42")
    key = DeviceKey()
    await with_device_key(house, payer, key)
    house.clock.advance(COOLED)
    payment = await challenged(house, payer)
    asked = await ask(office, payment)
    assert asked["ways"] == [["sms_code"], ["device_key", "password"]]
    signature = key.sign(asked["sign"])
    more = await prove(office, payment, "device_key", signature=signature)
    assert (more.status_code, more.json()["state"]) == (200, "CHALLENGED")
    assert (await ask(office, payment))["next"] == ["password"]
    async with house.untouched():
        used = await prove(office, payment, "device_key", signature=signature)
        assert (used.status_code, used.json()["code"]) == (409, "factor_not_offered")
    assert (await prove(office, payment, "password", password="river-moon-43")).status_code == 422
    done = await prove(office, payment, "password", password="river-moon-42")
    assert done.json()["state"] == "SUCCEEDED"
    assert done.json()["factors"] == ["password", "certificate", "device_key"]


async def test_a_signature_of_another_key_or_for_another_payment_is_wrong(house: House) -> None:
    office = house.office
    payer = await office.customer(deposit=2 * LARGE)
    await begin(office, payer, "password", password="river-moon-42")
    key = DeviceKey()
    await with_device_key(house, payer, key)
    house.clock.advance(COOLED)
    first, second = await challenged(house, payer), await challenged(house, payer)
    sign = (await ask(office, first))["sign"]
    for signature in (DeviceKey().sign(sign), key.sign((await ask(office, second))["sign"]), "AA"):
        assert (await prove(office, first, "device_key", signature=signature)).status_code == 422


async def test_the_code_is_sent_when_it_is_asked_for(house: House) -> None:
    office = house.office
    payer = await office.customer(deposit=LARGE)
    await with_totp(house, payer)
    payment = await challenged(house, payer)
    path = f"/v1/payments/{payment['id']}/challenge/code"
    assert (await prove(office, payment, "sms_code", code="000000")).status_code == 422
    for _ in range(3):
        assert (await office.post(path)).status_code == 200
    async with house.untouched():
        spent = await office.post(path)
        assert (spent.status_code, spent.json()["code"]) == (409, "codes_spent")
    code = await code_of(house, payer)
    done = await prove(office, payment, "sms_code", code=code)
    assert done.json()["state"] == "SUCCEEDED"
