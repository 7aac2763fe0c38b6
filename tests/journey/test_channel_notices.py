"""Notices: what the network posts to us by itself, and what anybody else might."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.journey.conftest import Client, House, by_card, order

from anfu.channels.sandbox.messages import NETWORK, Identity, Place, sign
from anfu.channels.sandbox.statements import Statement, write_statement
from anfu.kernel.canonical import canonical_bytes

PATH = "/v1/channels/sandbox/notices"
THEIRS, OTHERS = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (2, 4))
OURS = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)


@dataclass(frozen=True)
class Letter:
    """A signed notice, ready to be posted."""

    body: bytes
    headers: dict[str, str]

    async def post(self, house: House) -> httpx.Response:
        return await house.http.post(PATH, content=self.body, headers=self.headers)


def letter(
    house: House,
    said: Statement,
    *,
    key: Ed25519PrivateKey = THEIRS,
    receiver: str = "anfu",
    path: str = PATH,
) -> Letter:
    body = canonical_bytes(write_statement(said))
    sender = Identity(NETWORK, key, receiver, OURS.public_key())
    place, now = Place("POST", path), house.clock.now()
    return Letter(body, sign(sender, place, body, now=now, entropy=house.tools.entropy))


async def waiting(house: House) -> tuple[Client, str, dict[str, Any]]:
    """A payment whose request was lost."""
    office = house.office
    payer, payee = await office.customer(), await office.merchant()
    wish = by_card(payer, payee, 5_000, "tok_lose_request")
    payment = (await office.post("/v1/payments", wish)).json()
    assert payment["state"] == "UNKNOWN"
    return office, payee, payment


async def state_of(office: Client, payment: dict[str, Any]) -> str:
    return str((await office.get(f"/v1/payments/{payment['id']}")).json()["state"])


async def test_a_notice_books_what_the_answer_did_not_say(house: House) -> None:
    office, payee, payment = await waiting(house)
    note = letter(house, house.statement(payment))
    answer = await note.post(house)
    assert (answer.status_code, answer.json()) == (200, {"object": "notice", "taken": True})
    assert await state_of(office, payment) == "SUCCEEDED"
    assert await office.balance(payee) == (5_000, 5_000)
    assert await house.kinds(payment["id"]) == ["payment.succeeded"]
    async with house.untouched():
        assert (await note.post(house)).status_code == 200
    async with house.database.transaction(readonly=True) as tx:
        before = await tx.fetchval("SELECT size FROM evidence.log")
    assert (await letter(house, house.statement(payment)).post(house)).status_code == 200
    async with house.database.transaction(readonly=True) as tx:
        assert await tx.fetchval("SELECT size FROM evidence.log") == before
    assert await office.balance(payee) == (5_000, 5_000)
    assert await house.recover() == 0
    await house.check_books()


async def test_a_notice_of_a_decline_gives_everything_back(house: House) -> None:
    office, payee, payment = await waiting(house)
    said = house.statement(payment, "DECLINED", reference=None, reason="stolen_card")
    assert (await letter(house, said).post(house)).status_code == 200
    after = (await office.get(f"/v1/payments/{payment['id']}")).json()
    assert (after["state"], after["failure"]) == ("FAILED", "stolen_card")
    assert await office.balance(payee) == (0, 0)
    assert await house.count("limits.reservation") == 0
    await house.check_books()


async def test_a_notice_that_does_not_decide_leaves_it_open(house: House) -> None:
    office, _, payment = await waiting(house)
    said = house.statement(payment, "PROCESSING", reference=None, reason="processing")
    assert (await letter(house, said).post(house)).status_code == 200
    assert await state_of(office, payment) == "UNKNOWN"
    assert await house.count("payments.open") == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 4_999},
        {"amount": 5_001},
        {"currency": "USD"},
        {"payment": "pay_01kaw000000000000000000000"},
        {"refund": "rfd_01kaw000000000000000000000"},
        {"state": "DECLINED", "amount": 1, "reason": "stolen_card", "reference": None},
    ],
    ids=str,
)
async def test_a_notice_that_does_not_fit_changes_nothing(
    house: House, wrong: dict[str, Any]
) -> None:
    _, _, payment = await waiting(house)
    said = house.statement(payment, **wrong)
    async with house.untouched():
        answer = await letter(house, said).post(house)
        assert (answer.status_code, answer.json()["code"]) == (422, "notice_mismatch")


async def test_a_notice_for_a_payment_of_another_method_changes_nothing(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(deposit=5_000), await office.merchant()
    payment = (await office.post("/v1/payments", order(payer, payee, 5_000))).json()
    async with house.untouched():
        answer = await letter(house, house.statement(payment)).post(house)
        assert (answer.status_code, answer.json()["code"]) == (422, "notice_mismatch")


async def test_what_the_network_did_not_sign_for_us_changes_nothing(house: House) -> None:
    _, _, payment = await waiting(house)
    good = letter(house, house.statement(payment))
    half = dict(list(good.headers.items())[:-1])
    letters = {
        "forged": letter(house, house.statement(payment), key=OTHERS),
        "tampered": Letter(good.body.replace(b"5000", b"5001"), good.headers),
        "to another member": letter(house, house.statement(payment), receiver="somebody"),
        "for another path": letter(house, house.statement(payment), path="/v1/payments"),
        "unsigned": Letter(good.body, {}),
        "half signed": Letter(good.body, half),
        "no statement": Letter(b"{}", good.headers),
        "not JSON": Letter(b"\xff", good.headers),
        "a NUL": letter(house, house.statement(payment, payment="pay\x00")),
        "a long reference": letter(house, house.statement(payment, reference="x" * 65)),
        "with another time": Letter(good.body, good.headers | {"sandbox-timestamp": "1"}),
        "with another nonce": Letter(good.body, good.headers | {"sandbox-nonce": "0" * 32}),
    }
    async with house.untouched():
        for name, wrong in letters.items():
            answer = await wrong.post(house)
            assert (answer.status_code, answer.json()["code"]) == (401, "notice_invalid"), name
        other = await house.http.post(
            PATH.replace("sandbox", "elsewhere"), content=good.body, headers=good.headers
        )
        assert (other.status_code, other.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("minutes", [6, 60])
async def test_an_old_notice_changes_nothing(house: House, minutes: int) -> None:
    _, _, payment = await waiting(house)
    old = letter(house, house.statement(payment))
    house.clock.advance(timedelta(minutes=minutes))
    async with house.untouched():
        answer = await old.post(house)
        assert (answer.status_code, answer.json()["code"]) == (401, "notice_invalid")
        assert answer.json()["details"] == {"reason": "message_stale"}


async def test_a_contradiction_is_kept_as_evidence_and_changes_nothing(house: House) -> None:
    office, payee, payment = await waiting(house)
    await letter(house, house.statement(payment, "PAID")).post(house)
    state, balance = await state_of(office, payment), await office.balance(payee)
    said = house.statement(payment, "DECLINED", reason="stolen_card")
    assert (await letter(house, said).post(house)).status_code == 200
    assert await state_of(office, payment) == state
    assert await office.balance(payee) == balance
    assert len(await house.kinds(payment["id"])) == 1
    async with house.database.transaction(readonly=True) as tx:
        leaves = await tx.fetch(
            "SELECT body FROM evidence.leaf WHERE subject = $1 ORDER BY index", payment["id"]
        )
    assert [b'"contradiction"' in row["body"] for row in leaves][-2:] == [False, True]
    await house.check_books()


async def test_a_notice_that_outruns_the_answer_is_booked_once(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(), await office.merchant()
    wire, seen = house.wire, []
    handle = wire.handle_async_request

    async def overtaken(request: httpx.Request) -> httpx.Response:
        answer = await handle(request)
        (page,) = (await office.get("/v1/payments")).json()["data"]
        seen.append((await letter(house, house.statement(page)).post(house)).status_code)
        return answer

    wire.handle_async_request = overtaken  # type: ignore[method-assign]
    answer = await office.post("/v1/payments", by_card(payer, payee, 5_000), key="one")
    assert (answer.json()["state"], seen) == ("SUCCEEDED", [200])
    assert await office.balance(payee) == (5_000, 5_000)
    again = await office.post("/v1/payments", by_card(payer, payee, 5_000), key="one")
    assert again.json() == answer.json()
    assert await house.kinds(answer.json()["id"]) == ["payment.succeeded"]
    await house.check_books()


async def test_what_is_paid_after_it_was_closed_goes_back(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(), await office.merchant()
    wish = by_card(payer, payee, 5_000, "tok_late_success")
    payment = (await office.post("/v1/payments", wish)).json()
    assert payment["state"] == "UNKNOWN"
    house.network.faults = replace(house.network.faults, late_ms=1)
    await house.recover()
    assert await state_of(office, payment) == "FAILED"
    await asyncio.gather(*house.network._late)
    said = house.network.book.payment(payment["id"])
    assert said.state == "PAID"
    assert (await letter(house, said).post(house)).status_code == 200
    assert await state_of(office, payment) == "FAILED"
    [stray] = (await office.get("/v1/strays")).json()["data"]
    assert (stray["payment"], stray["state"]) == (payment["id"], "OWED")
    await house.recover()
    [stray] = (await office.get("/v1/strays")).json()["data"]
    assert (stray["amount"], stray["state"]) == (5_000, "RETURNED")
    back = house.network.book.moves[-1][1]
    assert (back.payment, back.state, back.amount) == (payment["id"], "REFUNDED", 5_000)
    assert await office.balance(payee) == (0, 0)
    await house.check_books()
