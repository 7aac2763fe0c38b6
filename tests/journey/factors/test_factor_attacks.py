"""Attacks on factors: guessing, amounts changed on the way, others' factors, what is easily had."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.journey.conftest import House
from tests.journey.factors.authenticators import Authenticator, DeviceKey, b64
from tests.journey.factors.steps import (
    COOLED,
    LARGE,
    ask,
    begin,
    challenged,
    confirm,
    prove,
    setup_of,
    totp,
    with_passkey,
    with_totp,
)
from tests.journey.test_challenge import code_of

from anfu.authentication.challenge import Linked, signed_bytes


async def test_an_amount_changed_on_the_way_spends_the_challenge(house: House) -> None:
    office = house.office
    payer = await office.customer(deposit=2 * LARGE)
    _, seed = await with_totp(house, payer)
    house.clock.advance(timedelta(minutes=1))
    payment = await challenged(house, payer)
    shown = {"payee": payment["payee"], "amount": 100, "currency": "CNY"}
    lied = await prove(office, payment, "totp", code=totp(house, seed), shown=shown)
    assert (lied.status_code, lied.json()["state"]) == (200, "BLOCKED")
    assert await office.balance(payer) == (2 * LARGE, 2 * LARGE)
    house.clock.advance(timedelta(minutes=1))
    second = await challenged(house, payer)
    shown = {"payee": second["payee"], "amount": LARGE, "currency": "CNY"}
    told = await prove(office, second, "totp", code=totp(house, seed), shown=shown)
    assert told.json()["state"] == "SUCCEEDED"
    await house.check_books()


async def test_a_signature_over_another_amount_is_wrong(house: House) -> None:
    office = house.office
    payer = await office.customer(deposit=2 * LARGE)
    phone = Authenticator()
    await with_passkey(house, payer, phone)
    payment = await challenged(house, payer, order="A-1")
    asked = await ask(office, payment)
    linked = Linked(payment["id"], payment["payee"], LARGE, "CNY", "A-1")
    assert asked["sign"] == b64(signed_bytes(asked["id"], linked.digest()))
    for change in (
        {"amount": 100}, {"payee": payer}, {"currency": "USD"}, {"order": "A-2"},
    ):  # fmt: skip
        other = Linked(**{"payment": payment["id"], "payee": payment["payee"], "amount": LARGE,
                          "currency": "CNY", "order": "A-1", **change})  # fmt: skip
        assertion = phone.get(b64(signed_bytes(asked["id"], other.digest())))
        wrong = await prove(office, payment, "passkey", assertion=assertion)
        assert (wrong.status_code, wrong.json()["code"]) == (422, "challenge_failed")
    assert await office.balance(payer) == (2 * LARGE, 2 * LARGE)


async def test_guessing_over_many_challenges_locks_the_factor(house: House) -> None:
    office = house.office
    payer = await office.customer(deposit=3 * LARGE)
    factor, seed = await with_totp(house, payer)
    house.clock.advance(timedelta(minutes=1))
    wrong = f"{(int(totp(house, seed)) + 1) % 1_000_000:06}"
    ends = []
    for _ in range(2):
        payment = await challenged(house, payer)
        tries = [await prove(office, payment, "totp", code=wrong) for _ in range(5)]
        ends.append([t.status_code for t in tries])
        assert tries[-1].json()["state"] == "BLOCKED"
    assert ends == [[422, 422, 422, 422, 200]] * 2
    listed = (await office.get(f"/v1/customers/{payer}/factors")).json()["data"]
    assert [(f["id"], f["locked_until"] is not None) for f in listed] == [(factor["id"], True)]
    house.clock.advance(timedelta(minutes=59))
    payment = await challenged(house, payer)
    async with house.untouched():
        locked = await prove(office, payment, "totp", code=totp(house, seed))
        assert (locked.status_code, locked.json()["code"]) == (409, "factor_not_offered")
    assert (await ask(office, payment))["ways"] == [["sms_code"]]


async def test_five_wrong_confirmations_remove_the_set_up(house: House) -> None:
    office = house.office
    payer = await office.customer()
    factor = await begin(office, payer, "totp")
    left = []
    for _ in range(5):
        wrong = await confirm(office, factor, code="000000")
        assert (wrong.status_code, wrong.json()["code"]) == (422, "factor_not_confirmed")
        left.append(wrong.json()["details"]["attempts_left"])
    assert left == [4, 3, 2, 1, 0]
    async with house.untouched():
        over = await confirm(office, factor, code="000000")
        assert (over.status_code, over.json()["code"]) == (409, "factor_not_pending")


async def test_a_set_up_has_a_quarter_of_an_hour(house: House) -> None:
    office = house.office
    payer = await office.customer()
    key = DeviceKey()
    factor = await begin(office, payer, "device_key", public_key=key.public)
    sign = (await setup_of(office, factor))["sign"]
    house.clock.advance(timedelta(minutes=15))
    async with house.untouched():
        late = await confirm(office, factor, signature=key.sign(sign))
        assert (late.status_code, late.json()["code"]) == (409, "factor_setup_expired")


async def test_a_lost_factor_proves_nothing_and_its_successor_cools_off(house: House) -> None:
    office = house.office
    payer = await office.customer(deposit=2 * LARGE)
    factor, seed = await with_totp(house, payer)
    payment = await challenged(house, payer)
    path = f"/v1/factors/{factor['id']}/end"
    lost = await office.post(path, {"why": "lost"})
    assert (lost.status_code, lost.json()["state"]) == (200, "LOST")
    house.clock.advance(timedelta(minutes=1))
    wrong = await prove(office, payment, "totp", code=totp(house, seed))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "challenge_failed")
    async with house.untouched():
        again = await office.post(path, {"why": "removed"})
        assert (again.status_code, again.json()["code"]) == (409, "factor_ended")
    await with_totp(house, payer)
    assert (await ask(office, await challenged(house, payer)))["next"] == ["sms_code"]
    house.clock.advance(COOLED)
    assert (await ask(office, await challenged(house, payer)))["next"] == ["sms_code", "totp"]
    assert await house.kinds(factor["id"]) == ["factor.pending", "factor.active", "factor.lost"]


@pytest.mark.parametrize(
    ("password", "rule"),
    [("12345", "length"), ("112211", "repeats"), ("123456", "run"), ("fedcba", "run"),
     ("951231", "date"), ("19901231", "date"), ("138000", "own_number"),
     ("105195", "own_number")],
)  # fmt: skip
async def test_a_weak_password_is_refused(house: House, password: str, rule: str) -> None:
    payer = await house.office.customer()
    form = {"kind": "password", "label": "p", "password": password}
    async with house.untouched():
        answer = await house.office.post(f"/v1/customers/{payer}/factors", form)
    assert (answer.status_code, answer.json()["code"]) == (422, "password_weak")
    assert answer.json()["details"] == {"rule": rule}


async def test_no_secret_is_in_any_table_or_answer(house: House) -> None:
    office = house.office
    payer = await office.customer(deposit=LARGE)
    await begin(office, payer, "password", password="river-moon-42")
    factor, seed = await with_totp(house, payer)
    rows = []
    async with house.database.transaction(readonly=True) as tx:
        for table in await house.rows():
            if table != "channels.development_message":
                rows += [str(dict(r)) for r in await tx.fetch(f"SELECT * FROM {table}")]
    text = "".join(rows)
    assert factor["id"] in text
    for secret in ("river-moon-42", seed.hex(), "otpauth", str(seed)):
        assert secret not in text


async def test_another_merchant_knows_nothing_of_a_customers_factors(house: House) -> None:
    office = house.office
    payer = await office.customer()
    factor = await begin(office, payer, "totp")
    other = await house.client(merchant=await office.merchant("Other"))
    path = f"/v1/factors/{factor['id']}"
    async with house.untouched():
        form = {"kind": "totp", "label": "x"}
        for answer, code in (
            (await other.post(f"/v1/customers/{payer}/factors", form), "customer_not_found"),
            (await other.get(f"/v1/customers/{payer}/factors"), "customer_not_found"),
            (await other.get(f"{path}/setup"), "factor_not_found"),
            (await other.post(f"{path}/confirm", {"code": "000000"}), "factor_not_found"),
            (await other.post(f"{path}/end", {"why": "lost"}), "factor_not_found"),
            (await other.post(f"{path}/ticket"), "factor_not_found"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, code)


async def test_a_number_gets_six_codes_an_hour_and_then_a_way_out(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(deposit=20 * LARGE), await office.merchant()
    strong: dict[str, Any] = {"factors": ["password", "certificate"]}
    for _ in range(2):
        payment = await office.pay(payer, payee, LARGE, **strong)
        path = f"/v1/payments/{payment['id']}/challenge/code"
        assert [(await office.post(path)).status_code for _ in range(2)] == [200, 200]
    over = await office.pay(payer, payee, LARGE, **strong)
    assert (over["state"], over["refusal"]["code"]) == ("REFUSED", "factor_unavailable")
    assert over["refusal"]["ways_out"] == ["enrol_factor", "wait", "contact_us"]
    assert await office.balance(payer) == (20 * LARGE, 20 * LARGE)
    done = await prove(office, payment, "sms_code", code=await code_of(house, payer))
    assert done.json()["state"] == "SUCCEEDED"
    await house.check_books()


async def test_the_law_asks_for_a_second_class_where_there_is_one(house: House) -> None:
    """43号 art. 24(3): one class of factors pays 1,000 yuan a day, two pay 5,000."""
    office = house.office
    payer, payee = await office.customer(deposit=LARGE), await office.merchant()
    one = {"factors": ["password"]}
    for _ in range(5):
        assert (await office.pay(payer, payee, 20_000, **one))["state"] == "SUCCEEDED"
    refused = await office.pay(payer, payee, 1, **one)
    assert (refused["state"], refused["refusal"]["article"]) == ("REFUSED", "24(3)")
    _, seed = await with_totp(house, payer)
    asked = await office.pay(payer, payee, 20_000, **one)
    assert (asked["state"], asked["refusal"], asked["outcome"]) == ("CHALLENGED", None, "ALLOW")
    assert (await ask(office, asked))["ways"] == [["totp"], ["sms_code"]]
    house.clock.advance(timedelta(minutes=1))
    done = await prove(office, asked, "totp", code=totp(house, seed))
    assert (done.json()["state"], done.json()["factors"]) == ("SUCCEEDED", ["password", "totp"])
    same = await office.pay(payer, payee, 20_000, factors=["totp"])
    assert (same["state"], same["refusal"]["article"]) == ("REFUSED", "24(3)")
    await house.check_books()


async def test_a_passkey_is_of_one_customer(house: House) -> None:
    office = house.office
    phone = Authenticator()
    await with_passkey(house, await office.customer(), phone)
    factor = await begin(office, await office.customer(), "passkey")
    options = (await setup_of(office, factor))["options"]
    async with house.untouched():
        taken = await confirm(office, factor, attestation=phone.create(options))
        assert (taken.status_code, taken.json()["code"]) == (409, "factor_exists")


async def test_tickets_are_for_one_thing_and_a_short_time(house: House) -> None:
    office = house.office
    payer = await office.customer(deposit=2 * LARGE)
    factor = await begin(office, payer, "totp")
    payment = await challenged(house, payer)
    pay = (await office.post(f"/v1/payments/{payment['id']}/ticket")).json()["ticket"]
    set_ = (await office.post(f"/v1/factors/{factor['id']}/ticket")).json()["ticket"]

    async def read(path: str, ticket: str) -> Any:
        return await house.http.post(f"/v1/checkout/{path}", json={"ticket": ticket})

    assert (await read("challenge", pay)).json()["linked"]["amount"] == LARGE
    assert (await read("setup", set_)).json()["factor"] == factor["id"]
    other = await challenged(house, payer)
    async with house.untouched():
        for ticket in (set_, pay[:-1] + "_", pay.replace(payment["id"], other["id"]), "tkt"):
            answer = await read("challenge", ticket)
            assert (answer.status_code, answer.json()["code"]) == (401, "ticket_invalid")
        assert (await read("setup", pay)).json()["code"] == "ticket_invalid"
        house.clock.advance(timedelta(minutes=15))
        assert (await read("challenge", pay)).json()["code"] == "ticket_expired"


async def test_another_sites_page_asks_for_nothing_even_with_a_ticket(house: House) -> None:
    payment = await challenged(house, await house.office.customer(deposit=2 * LARGE))
    path = f"/v1/payments/{payment['id']}/ticket"
    ticket = {"ticket": (await house.office.post(path)).json()["ticket"]}

    async def read(site: str) -> Any:
        headers = {"Sec-Fetch-Site": site}
        return await house.http.post("/v1/checkout/challenge", json=ticket, headers=headers)

    async with house.untouched():
        for site in ("cross-site", "same-site", "none", ""):
            answer = await read(site)
            assert (answer.status_code, answer.json()["code"]) == (403, "page_foreign"), site
    assert (await read("same-origin")).status_code == 200


async def test_confirmed_needs_exactly_one_part(house: House) -> None:
    office = house.office
    payer = await office.customer(deposit=LARGE)
    factor = await begin(office, payer, "totp")
    payment = await challenged(house, payer)
    async with house.untouched():
        for answer in (
            await confirm(office, factor),
            await confirm(office, factor, code="000000", signature="AA"),
            await prove(office, payment, "totp", password="x"),
            await prove(office, payment, "sms_code", code="000000", password="x"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (422, "field_invalid")
