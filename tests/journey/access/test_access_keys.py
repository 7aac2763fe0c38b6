"""Keys over HTTP: networks, nonces, key pairs, rotation; and what a thief of a request can do."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.journey.access.steps import SEEN, hired, told, two
from tests.journey.conftest import Client, House, order

from anfu.entrypoints.api.address import UNKNOWN, address_of
from anfu.parties.apikey import NewKey
from anfu.parties.keys.operations import create_key
from anfu.parties.network import parse_networks
from anfu.parties.nonce import sign_nonced
from anfu.parties.signature import SignedRequest, sign_request, signing_key

NONCE = "nonce-nonce-nonce"


def pair(seed: int) -> tuple[Ed25519PrivateKey, str]:
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    public = private.public_key().public_bytes_raw()
    return private, base64.urlsafe_b64encode(public).rstrip(b"=").decode()


@dataclass
class Signer:
    """Signs with a nonce, each request with another one."""

    house: House
    key: str
    private: bytes | Ed25519PrivateKey
    count: int = 0

    def headers(
        self, method: str, path: str, body: bytes = b"", *, once: str | None = None,
        nonce: str | None = None,
    ) -> dict[str, str]:  # fmt: skip
        self.count += 1
        nonce = nonce or f"{NONCE}-{self.count}"
        request = SignedRequest(method, path, once, body)
        signature = sign_nonced(
            self.private, request=request, nonce=nonce, now=self.house.clock.now()
        )
        sent = {"Anfu-Key": self.key, "Anfu-Signature": signature}
        return sent if once is None else {**sent, "Idempotency-Key": once}

    async def get(self, path: str, **how: Any) -> httpx.Response:
        return await self.house.http.get(path, headers=self.headers("GET", path, **how))

    async def post(self, path: str, form: Any, **how: Any) -> httpx.Response:
        body = msgspec.json.encode(form)
        headers = self.headers("POST", path, body, **how)
        return await self.house.http.post(path, content=body, headers=headers)


async def made(client: Client, **form: Any) -> dict[str, Any]:
    wish = {"label": "till", "scopes": ["payments:read", "merchants:write"], **form}
    answer = await client.post("/v1/keys", wish)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def forget(house: House) -> None:
    """What a second of waiting does."""
    house.desk.callers._known.clear()


async def test_a_key_is_made_read_and_revoked_over_http(house: House) -> None:
    office = house.office
    answer = await office.post("/v1/keys", {"label": "x", "scopes": ["payments:read"]}, key="one")
    document = answer.json()
    again = await office.post("/v1/keys", {"label": "x", "scopes": ["payments:read"]}, key="one")
    assert again.json() == {**document, "secret": None}
    client = Client(house.http, house.clock, document["id"], document["secret"])
    assert (await client.get("/v1/payments")).status_code == 200
    assert (await office.get(f"/v1/keys/{client.key}")).json() == {
        k: v for k, v in document.items() if k != "secret"
    }
    assert document["person"] == office.key  # whoever has a key made stands behind it
    ended = await office.post(f"/v1/keys/{client.key}/revoke")
    assert ended.json()["revoked_at"] is not None
    forget(house)
    assert told(await client.get("/v1/payments")) == (401, "key_revoked")


async def test_nobody_gives_away_what_he_does_not_hold(house: House) -> None:
    shop, other = await house.office.merchant(), await house.office.merchant("Other")
    weak = await house.client(scopes={"keys:write"}, merchant=shop)
    async with house.untouched():
        for form, code in (
            ({"scopes": ["payments:read"]}, "scope_not_held"),
            ({"scopes": ["keys:write"], "merchant": other}, "merchant_not_found"),
            ({"scopes": ["keys:write"], "own": True}, "staff_not_you"),
            ({"scopes": ["king"]}, "scopes_invalid"),
            ({"scopes": ["keys:write"], "networks": ["10.0.0.1/8"]}, "networks_invalid"),
            ({"scopes": ["keys:write"], "networks": ["x"]}, "networks_invalid"),
            ({"scopes": ["keys:write"], "public_key": "a" * 42 + "!"}, "public_key_invalid"),
            ({"scopes": ["keys:write"], "public_key": "A" * 42 + "B"}, "public_key_invalid"),
        ):
            answer = await weak.post("/v1/keys", {"label": "x", **form})
            assert answer.json()["code"] == code, form
        for path, form in (("rotate", {"overlap_s": 1}), ("networks", {"networks": []})):
            answer = await weak.post(f"/v1/keys/{house.office.key}/{path}", form)
            assert told(answer) == (404, "key_not_found")
    institution = await house.client(scopes={"keys:write"})
    async with house.untouched():  # a stronger key is not turned into one of one's own
        for path, form in (("rotate", {"overlap_s": 1}), ("networks", {"networks": []})):
            answer = await institution.post(f"/v1/keys/{house.office.key}/{path}", form)
            assert told(answer) == (403, "scope_not_held")


async def test_both_secrets_are_good_until_the_old_one_ends_by_itself(house: House) -> None:
    office = house.office
    document = await made(office)
    old = Client(house.http, house.clock, document["id"], document["secret"])
    turned = (await office.post(f"/v1/keys/{old.key}/rotate", {"overlap_s": 600})).json()
    new = Client(house.http, house.clock, turned["id"], turned["secret"])
    forget(house)
    for client in (old, new):
        assert (await client.get("/v1/payments")).status_code == 200
        assert (await client.post("/v1/merchants", {"name": "x"})).status_code == 201
    house.clock.advance(timedelta(seconds=600))
    assert told(await old.get("/v1/payments")) == (401, "key_expired")
    assert (await new.get("/v1/payments")).status_code == 200
    async with house.untouched():
        answer = await office.post(f"/v1/keys/{old.key}/rotate", {"overlap_s": 600})
        assert told(answer) == (401, "key_expired")


async def test_a_key_is_good_from_its_networks_alone(house: House) -> None:
    document = await made(house.office, networks=["198.51.100.0/24", "2001:db8::/32"])
    client = Client(house.http, house.clock, document["id"], document["secret"])
    async with house.untouched():
        for answer in (await client.get("/v1/payments"),
                       await client.post("/v1/merchants", {"name": "x"})):  # fmt: skip
            assert told(answer) == (403, "address_not_allowed")
            assert answer.json()["details"] == {"address": "127.0.0.1"}
        # where somebody is who cannot prove the key is not spoken of
        wrong = replace(client, secret=house.office.secret)
        assert told(await wrong.get("/v1/payments")) == (401, "key_unknown")
        # nobody moves himself by a header
        bearer = {"Authorization": f"Bearer {client.key}.{client.secret}",
                  "X-Forwarded-For": "198.51.100.7"}  # fmt: skip
        answer = await house.http.get("/v1/payments", headers=bearer)
        assert told(answer) == (403, "address_not_allowed")
    opened = await house.office.post(f"/v1/keys/{client.key}/networks", {"networks": ["127.0.0.1"]})
    assert opened.json()["networks"] == ["127.0.0.1/32"]
    forget(house)
    assert (await client.get("/v1/payments")).status_code == 200


@pytest.mark.parametrize(
    ("peer", "header", "address"),
    [
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "x, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        (None, "198.51.100.7", UNKNOWN),
        ("unix", "198.51.100.7", "unix"),
    ],
)
def test_whose_word_is_taken_for_an_address(peer: str | None, header: str, address: str) -> None:
    proxies = parse_networks(["10.0.0.0/8"], field="x")
    scope = {"client": None if peer is None else (peer, 1)}
    headers = {b"x-forwarded-for": header.encode()}
    assert address_of(scope, headers, proxies) == address
    assert address_of(scope, headers, ()) == (peer or UNKNOWN)


async def test_a_key_pair_signs_and_we_hold_no_secret(house: House) -> None:
    private, public = pair(1)
    document = await made(house.office, public_key=public)
    assert (document["secret"], document["public_key"], document["nonces"]) == (None, public, True)
    signer = Signer(house, document["id"], private)
    assert (await signer.get("/v1/payments?limit=3")).status_code == 200
    assert (await signer.post("/v1/merchants", {"name": "x"}, once="a")).status_code == 201
    async with house.database.transaction(readonly=True) as tx:
        row = await tx.fetchrow(
            "SELECT secret_hash, sealed FROM parties.api_key WHERE id = $1", document["id"]
        )
    assert tuple(row) == (None, None)
    _, other = pair(2)
    turned = await house.office.post(
        f"/v1/keys/{document['id']}/rotate", {"overlap_s": 60, "public_key": other}
    )
    second = Signer(house, turned.json()["id"], pair(2)[0])
    forget(house)
    for one in (signer, second):
        assert (await one.get("/v1/payments")).status_code == 200
    async with house.untouched():
        answer = await house.office.post(f"/v1/keys/{second.key}/rotate", {"overlap_s": 60})
        assert told(answer) == (422, "public_key_invalid")


async def test_keys_without_a_secret_are_not_opened_by_none(house: House) -> None:
    _, public = pair(1)
    document = await made(house.office, public_key=public)
    key, now = document["id"], house.clock.now()
    body = b'{"name":"x"}'
    request = SignedRequest("POST", "/v1/merchants", "a", body)
    once = {"Anfu-Key": key, "Idempotency-Key": "a"}
    async with house.untouched():
        for header in (
            sign_request(bytes(32), request=request, now=now),
            sign_nonced(bytes(32), request=request, nonce=NONCE, now=now),
            sign_nonced(signing_key(""), request=request, nonce=NONCE, now=now),
            sign_nonced(pair(0)[0], request=request, nonce=NONCE, now=now),
            sign_nonced(pair(2)[0], request=request, nonce=NONCE, now=now),
        ):
            for name in (key, "key_01kaw000000000000000000000"):
                headers = {**once, "Anfu-Key": name, "Anfu-Signature": header}
                answer = await house.http.post("/v1/merchants", content=body, headers=headers)
                assert told(answer) == (401, "signature_invalid")
        for secret in ("sk_" + "a" * 52, house.office.secret):
            bearer = {"Authorization": f"Bearer {key}.{secret}"}
            answer = await house.http.get("/v1/payments", headers=bearer)
            assert told(answer) == (401, "key_unknown")


async def test_a_captured_request_is_not_good_again(house: House) -> None:
    document = await made(house.office, nonces=True)
    signer = Signer(house, document["id"], signing_key(document["secret"]))
    headers = signer.headers("GET", "/v1/payments")
    assert (await house.http.get("/v1/payments", headers=headers)).status_code == 200
    async with house.untouched():
        answer = await house.http.get("/v1/payments", headers=headers)
        assert told(answer) == (401, "signature_replayed")
        plain = Client(house.http, house.clock, document["id"], document["secret"])
        assert told(await plain.get("/v1/payments")) == (401, "nonce_required")
        assert told(await plain.post("/v1/merchants", {"name": "x"})) == (401, "nonce_required")
    house.clock.advance(timedelta(seconds=301))
    async with house.untouched():
        answer = await house.http.get("/v1/payments", headers=headers)
        assert told(answer) == (401, "signature_expired")


async def test_of_copies_at_once_one_is_good(house: House) -> None:
    document = await made(house.office, nonces=True)
    signer = Signer(house, document["id"], signing_key(document["secret"]))
    headers = signer.headers("GET", "/v1/payments")
    answers = await asyncio.gather(
        *(house.http.get("/v1/payments", headers=headers) for _ in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 19
    assert await house.count("parties.request_nonce") == 1


async def test_a_payment_with_a_nonce_is_sent_again_with_another(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(deposit=1_000), await office.merchant()
    document = await made(office, scopes=["payments:write"], nonces=True)
    signer = Signer(house, document["id"], signing_key(document["secret"]))
    wish = order(payer, payee, 100)
    one = await signer.post("/v1/payments", wish, once="a")
    other = await signer.post("/v1/payments", wish, once="a")
    assert (one.status_code, one.content) == (201, other.content)
    assert await office.balance(payee) == (100, 100)


async def test_the_nonce_and_the_body_are_signed(house: House) -> None:
    document = await made(house.office, nonces=True)
    signer = Signer(house, document["id"], signing_key(document["secret"]))
    body = b'{"name":"x"}'
    headers = signer.headers("POST", "/v1/merchants", body, once="a")
    signature = headers["Anfu-Signature"]
    async with house.untouched():
        for changed, sent in (
            (signature.replace(NONCE, NONCE[::-1]), body), (signature, b'{"name":"y"}'),
            (signature.replace("v2=", "v2=0"), body), (signature.replace("n=", "n=!"), body),
            (signature.replace(",n=", ",m="), body), (signature + ",v1=" + "0" * 64, body),
        ):  # fmt: skip
            answer = await house.http.post(
                "/v1/merchants", content=sent, headers={**headers, "Anfu-Signature": changed}
            )
            assert told(answer)[1] in ("signature_invalid", "signature_malformed"), changed
        for more in ({"Idempotency-Key": "b"}, {}):
            path = "/v1/merchants" if more else "/v1/merchants?x=1"
            answer = await house.http.post(path, content=body, headers={**headers, **more})
            assert told(answer) == (401, "signature_invalid")
    good = await house.http.post("/v1/merchants", content=body, headers=headers)
    assert good.status_code == 201


async def test_a_key_of_staff_is_the_person_and_ends_with_the_account(house: House) -> None:
    admins = await two(house)
    member = await hired(house, admins, "li.wei", "analyst")
    issued = await house.database.run(lambda tx: _own_key(tx, house, member.id))
    client = Client(house.http, house.clock, issued[0], issued[1])
    assert (await client.get("/v1/rules")).status_code == 200
    # more than the account may do the key does not do
    assert told(await client.get("/v1/balances/x/CNY")) == (403, "scope_missing")
    await admins[0].post(f"/v1/staff/{member.id}/disable")
    forget(house)
    assert told(await client.get("/v1/rules")) == (401, "key_revoked")


async def test_an_administrator_has_no_key_of_another_ones(house: House) -> None:
    admins = await two(house)
    own = await admins[0].post(
        "/v1/keys", {"label": "script", "scopes": ["staff:read"], "own": True}
    )
    assert (own.status_code, own.json()["staff"], own.json()["person"]) == (
        201, admins[0].id, admins[0].id)  # fmt: skip
    async with house.untouched(SEEN):
        for path, form in (("rotate", {"overlap_s": 1}), ("networks", {"networks": []})):
            answer = await admins[1].post(f"/v1/keys/{own.json()['id']}/{path}", form)
            assert told(answer) == (403, "staff_not_you")
        answer = await admins[1].post("/v1/keys", {"label": "x", "scopes": ["payments:write"]})
        assert told(answer) == (403, "scope_not_held")


async def test_each_step_of_a_key_is_in_the_evidence(house: House) -> None:
    document = await made(house.office)
    key = document["id"]
    await house.office.post(f"/v1/keys/{key}/networks", {"networks": ["127.0.0.1"]})
    await house.office.post(f"/v1/keys/{key}/revoke")
    async with house.database.transaction(readonly=True) as tx:
        rows = await tx.fetch(
            "SELECT body FROM evidence.leaf WHERE subject = $1 ORDER BY index", key
        )
    leaves = [json.loads(row["body"]) for row in rows]
    assert [(leaf["kind"], leaf["body"]["by"]) for leaf in leaves] == [
        (kind, house.office.key) for kind in ("key_created", "key_confined", "key_revoked")
    ]


async def _own_key(tx: Any, house: House, staff: str) -> tuple[str, str]:
    scopes = frozenset({"rules:read", "balances:read"})
    issued = await create_key(
        tx, order=NewKey("own", scopes, None, None, staff), by=None, sealer=house.tools.sealer,
        now=house.clock.now(),
    )  # fmt: skip
    return issued.key.id, issued.secret
