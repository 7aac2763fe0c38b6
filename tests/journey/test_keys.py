"""Keys: who may do what, and what nobody may. Generated from the declared operations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
from tests.journey.conftest import Client, House, order
from tests.journey.nobody import NOBODY, path_of
from tests.journey.settlement.settled import settled
from tests.journey.test_mandates import proposed, terms_of

from anfu.entrypoints.api.application import operations
from anfu.entrypoints.api.operation import Operation
from anfu.parties.apikey import SCOPES, NewKey
from anfu.parties.keys.operations import create_key, revoke_key
from anfu.parties.signature import SignedRequest, sign_request, signing_key

KEYED = [o for o in operations(development_mode=True) if o.scope is not None]
WRITES = [o for o in KEYED if o.method == "POST"]
OF_ONE = [o for o in KEYED if "{" in o.path and not o.institution]
APPLICATION = {"name": "张小明", "phone": "13800138000", "document_until": "2036-11-23",
               "document": {"type": "CITIZEN_ID", "number": "11010519491231002X"}}  # fmt: skip
FIRM = next(dict(o.example or {}) for o in KEYED if o.name == "create_firm")
NAMES = {"ids": lambda o: o.name}


async def ask(
    client: Client, operation: Operation, names: dict[str, str], **wish: Any
) -> httpx.Response:
    path = path_of(operation, names)
    if operation.method == "GET":
        return await client.get(path, **QUERIES.get(operation.name, lambda _: {})(names))
    return await client.post(
        path, {**(operation.example or {}), **wish} if operation.body else None
    )


# What a read must be asked with.
QUERIES: dict[str, Callable[[dict[str, str]], dict[str, str]]] = {
    "list_devices": lambda names: {"payer": names["customer"]},
    "get_satisfaction": lambda _: {
        "since": "2026-11-01T00:00:00Z",
        "until": "2026-12-01T00:00:00Z",
    },
}


# What has nothing to show of a payment that went through, and of a customer who came by none.
YOUNG = {"get_proofs", "get_challenge", "get_onboarding_of"}


@dataclass(frozen=True)
class Shop:
    """A merchant with one of everything."""

    client: Client
    names: dict[str, str]


@pytest.fixture
async def shop(house: House) -> AsyncIterator[Shop]:
    office = house.office
    payee = await office.merchant()
    own = await house.client(merchant=payee)
    endpoint = await own.post("/v1/webhook_endpoints", {"url": "https://shop.example/anfu"})
    payer = await own.customer()
    mandate = await proposed(house, payer, payee)
    await office.post("/v1/deposits", {"party": payer, "amount": 10_000, "currency": "CNY"})
    payment = await own.pay(payer, payee, 1_000)
    refund = await own.post("/v1/refunds", {"payment": payment["id"], "amount": 1})
    events = (await own.get("/v1/events")).json()["data"]
    deliveries = (await own.get("/v1/deliveries")).json()["data"]
    spare = await house.client(merchant=payee)
    factor = await own.post(f"/v1/customers/{payer}/factors", {"kind": "totp", "label": "app"})
    onboarding = await own.post("/v1/onboardings", APPLICATION)
    firm = await own.post("/v1/firms", FIRM)
    session = await own.post("/v1/device-sessions", {"payer": payer})
    asked = {"payee": payee, "payer": payer, "amount": 100, "currency": "CNY",
             "description": "tea", "methods": [{"type": "balance"}]}  # fmt: skip
    checkout = await own.post("/v1/checkouts", asked)
    names = await settled(house, payee) | {
        "checkout": checkout.json()["id"],
        "session": session.json()["id"],
        "onboarding": onboarding.json()["id"], "firm": firm.json()["id"], "mandate": mandate,
        "factor": factor.json()["id"], "payment": payment["id"],
        "refund": refund.json()["id"], "customer": payer,
        "merchant": payee, "party": payer, "currency": "CNY", "decision": payment["decision"],
        "event": events[0]["id"], "endpoint": endpoint.json()["id"],
        "delivery": deliveries[0]["id"], "subject": payment["id"], "key": spare.key,
    }  # fmt: skip
    yield Shop(own, names)


async def test_a_key_without_the_scope_does_nothing(house: House) -> None:
    for operation in KEYED:
        assert operation.scope in SCOPES
        client = await house.client(scopes=SCOPES - {operation.scope})
        async with house.untouched():
            answer = await ask(client, operation, NOBODY)
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
            assert answer.json()["details"] == {"scope": operation.scope}, operation.name


async def test_a_key_with_the_scope_alone_gets_past_the_door(house: House) -> None:
    for operation in KEYED:
        client = await house.client(scopes={str(operation.scope)})
        answer = await ask(client, operation, NOBODY)
        barred = answer.status_code == 403 and code_of(answer)[0] != "test_clock_not_here"
        assert not barred and answer.status_code not in (400, 401, 405, 500), operation.name


async def test_another_merchant_neither_sees_nor_touches(house: House, shop: Shop) -> None:
    other = await house.client(merchant=await house.office.merchant("Other"))
    about = {"create_refund": {"payment": shop.names["payment"], "amount": 1},
             "create_label": {"payment": shop.names["payment"], "decision": None},
             "create_webhook_endpoint": {"merchant": shop.names["merchant"]}}  # fmt: skip
    for operation in OF_ONE:
        nobody = await ask(house.office, operation, NOBODY)
        assert nobody.status_code == 404, (operation.name, nobody.text)
        names = [shop.names]
        if "{party}" in operation.path:
            names.append({**shop.names, "party": shop.names["merchant"]})
        for asked in names:
            async with house.untouched():
                answer = await ask(other, operation, asked)
            assert answer.status_code == 404, (operation.name, answer.text)
            assert answer.json()["code"].endswith("_not_found")
            # Told in the words used for what does not exist at all.
            nobody = await ask(other, operation, NOBODY)
            assert code_of(answer) == code_of(nobody), operation.name
    for operation in WRITES:
        if operation.name in about:
            async with house.untouched():
                answer = await ask(other, operation, NOBODY, **about[operation.name])
                assert answer.status_code == 404, (operation.name, answer.text)


async def test_a_customer_of_another_merchant_pays_nothing_and_agrees_to_nothing(
    house: House, shop: Shop
) -> None:
    payee = await house.office.merchant("Other")
    other = await house.client(merchant=payee)
    asked = {"payments": order(shop.names["customer"], payee, 100),
             "mandates": terms_of(house, shop.names["customer"], payee)}  # fmt: skip
    unknown = {"payments": order(NOBODY["customer"], payee, 100),
               "mandates": terms_of(house, NOBODY["customer"], payee)}  # fmt: skip
    async with house.untouched():
        for name, wish in asked.items():
            answer = await other.post(f"/v1/{name}", wish)
            assert told(answer) == (422, "party_not_found"), name
            nobody = await other.post(f"/v1/{name}", unknown[name])
            assert answer.json() == nobody.json(), name
    # The institution knows everybody, and everybody knows whom the institution brought.
    paid = await house.office.pay(shop.names["customer"], payee, 100)
    assert paid["state"] == "SUCCEEDED"
    common = await house.office.customer(deposit=100)
    assert (await other.pay(common, payee, 100))["state"] == "SUCCEEDED"


async def test_lists_hold_what_is_ones_own(house: House, shop: Shop) -> None:
    other = await house.client(merchant=await house.office.merchant("Other"))
    lists = [o for o in KEYED if o.name.startswith("list_") and not o.institution]
    lists = [operation for operation in lists if "{" not in operation.path]
    assert len(lists) == 13
    for operation in lists:
        mine = (await shop.client.get(operation.path)).json()["data"]
        theirs = (await other.get(operation.path)).json()["data"]
        # No day ends here, and nobody says how a payment was.
        empty = operation.name in ("list_settlements", "list_payouts", "list_feedback")
        assert empty or len(mine) >= 1, operation.name
        ids = {row["id"] for row in mine} & {row["id"] for row in theirs}
        assert ids == set(), operation.name
        if operation.name not in ("list_merchants", "list_keys"):
            assert theirs == [], operation.name


async def test_a_merchant_sees_its_own(house: House, shop: Shop) -> None:
    for operation in OF_ONE:
        if operation.method == "GET" and operation.name not in YOUNG:
            answer = await ask(shop.client, operation, shop.names)
            assert answer.status_code == 200, (operation.name, answer.text)


async def test_the_institutions_own_work_is_closed_to_merchants(house: House, shop: Shop) -> None:
    other = await house.office.merchant("Other")
    closed = [operation for operation in KEYED if operation.institution]
    assert {"create_deposit", "create_merchant", "approve_proposal"} <= {o.name for o in closed}
    async with house.untouched():
        for operation in closed:
            answer = await ask(shop.client, operation, NOBODY)
            assert (answer.status_code, answer.json()["code"]) == (403, "institution_only")
        answer = await shop.client.post("/v1/payments", order(shop.names["customer"], other, 1))
        assert (answer.status_code, answer.json()["code"]) == (403, "payee_not_yours")


def code_of(answer: httpx.Response) -> tuple[str, str | None, list[str]]:
    document = answer.json()
    return document["code"], document.get("field"), sorted(document)


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_write_needs_a_signature(house: House) -> None:
    office = house.office
    bearer = {"Authorization": f"Bearer {office.key}.{office.secret}", "Idempotency-Key": "one"}
    async with house.untouched():
        for operation in WRITES:
            path = path_of(operation, NOBODY)
            body = msgspec.json.encode(operation.example or {})
            answer = await house.http.post(path, content=body, headers=bearer)
            assert told(answer) == (401, "signature_required"), operation.name
            answer = await house.http.post(path, content=body, headers={"Idempotency-Key": "one"})
            assert told(answer) == (401, "authorization_missing"), operation.name
        for operation in KEYED:
            if operation.method == "GET":
                answer = await house.http.get(path_of(operation, NOBODY))
                assert told(answer) == (401, "authorization_missing"), operation.name


async def test_keys_that_are_no_longer_or_never_were(house: House) -> None:
    async def issue(work: Any) -> Client:
        return await house.database.run(work)

    async def expiring(tx: Any) -> Client:
        now = house.clock.now()
        wish = NewKey("short", SCOPES, None, now + timedelta(minutes=1))
        issued = await create_key(tx, order=wish, by=None, sealer=house.tools.sealer, now=now)
        return Client(house.http, house.clock, issued.key.id, issued.secret)

    revoked, expired = await house.client(), await issue(expiring)
    assert (await revoked.get("/v1/payments")).status_code == 200
    assert (await expired.get("/v1/payments")).status_code == 200
    await house.database.run(
        lambda tx: revoke_key(tx, key_id=revoked.key, merchant=None, now=house.clock.now())
    )
    house.clock.advance(timedelta(minutes=1))
    house.desk.callers._known.clear()  # what FRESH_S of waiting does
    good = house.office
    unknown = replace(good, key="key_01kaw000000000000000000000")
    another = replace(good, secret=revoked.secret)
    cases = {
        "revoked": (revoked, "key_revoked", "key_revoked"),
        "expired": (expired, "key_expired", "key_expired"),
        "unknown": (unknown, "key_unknown", "signature_invalid"),
        "with another secret": (another, "key_unknown", "signature_invalid"),
    }
    async with house.untouched():
        for name, (client, read, written) in cases.items():
            assert told(await client.get("/v1/payments")) == (401, read), name
            assert told(await client.post("/v1/merchants", {"name": "x"})) == (401, written), name
        for header in ("Basic x", "Bearer x", f"Bearer {good.key}", f"bearer {good.key}.sk_x", ""):
            answer = await house.http.get("/v1/payments", headers={"Authorization": header})
            assert told(answer) == (401, "authorization_malformed"), header


async def test_a_signature_is_good_for_one_request_at_its_time(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(deposit=1_000), await office.merchant()
    body = msgspec.json.encode(order(payer, payee, 100))
    path, key = "/v1/payments", signing_key(office.secret)

    async def post(
        signed: SignedRequest, *, hours: float = 0, to: str = path, sent: bytes = body,
        once: str | None = "one",
    ) -> httpx.Response:  # fmt: skip
        now = house.clock.now() + timedelta(hours=hours)
        headers = {
            "Anfu-Key": office.key,
            "Anfu-Signature": sign_request(key, request=signed, now=now),
        }
        if once is not None:
            headers["Idempotency-Key"] = once
        return await house.http.post(to, content=sent, headers=headers)

    good = SignedRequest("POST", path, "one", body)
    async with house.untouched():
        wrong = {
            "another method": await post(replace(good, method="GET")),
            "another path": await post(replace(good, target="/v1/refunds")),
            "another query": await post(good, to=path + "?x=1"),
            "another body": await post(good, sent=body.replace(b"100", b"101")),
            "one byte more": await post(good, sent=body + b" "),
            "another key": await post(good, once="two"),
            "a key not signed": await post(replace(good, idempotency_key=None)),
            "a key not sent": await post(good, once=None),
        }
        for name, answer in wrong.items():
            assert told(answer) == (401, "signature_invalid"), name
        for hours in (1, -1, 0.084, -0.084, 24 * 365):
            answer = await post(good, hours=hours)
            assert told(answer) == (401, "signature_expired"), hours
            assert answer.json()["details"]["window_s"] == 300
        for odd in ("", "x", "t=1", "t=1,v1=" + "A" * 64, "t=1,v1=" + "0" * 63):
            headers = {"Anfu-Key": office.key, "Anfu-Signature": odd, "Idempotency-Key": "one"}
            answer = await house.http.post(path, content=body, headers=headers)
            assert told(answer) == (401, "signature_malformed"), odd
    first = await post(good, hours=0.083)
    assert (first.status_code, first.json()["state"]) == (201, "SUCCEEDED")
    async with house.untouched():
        for _ in range(3):
            captured = await post(good)
            assert (captured.status_code, captured.content) == (201, first.content)
    assert await office.balance(payee) == (100, 100)


async def test_two_merchants_may_use_one_idempotency_key(house: House) -> None:
    office = house.office
    payer = await office.customer(deposit=1_000)
    for name in ("One", "Other"):
        payee = await office.merchant(name)
        own = await house.client(merchant=payee)
        answer = await own.post("/v1/payments", order(payer, payee, 100), key="order-1")
        assert (answer.status_code, answer.json()["payee"]) == (201, payee)
    assert await office.balance(payer) == (800, 800)


async def test_a_key_that_is_not_there_is_remembered_like_one_that_is(house: House) -> None:
    """Otherwise the time of an answer would tell which keys there are."""
    callers, known = house.desk.callers, house.office.key
    nobody = replace(house.office, key="key_01kaw000000000000000000000")
    await house.office.get("/v1/payments")
    assert told(await nobody.get("/v1/payments")) == (401, "key_unknown")
    assert [callers._known[key][1] is None for key in (known, nobody.key)] == [False, True]


async def test_names_made_up_take_no_memory(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anfu.entrypoints.api.caller._MOST", 3)
    for letter in "abcdef":
        nobody = replace(house.office, key="key_01kaw0000000000000000000" + letter + "0")
        assert told(await nobody.get("/v1/payments")) == (401, "key_unknown")
    assert len(house.desk.callers._known) == 3
    assert (await house.office.get("/v1/payments")).status_code == 200
