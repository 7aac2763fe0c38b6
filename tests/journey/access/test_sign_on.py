"""Single sign-on against a provider with real keys; and every lie it, or a browser, can tell."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.journey.access.steps import AWAY, HOME, SEEN, Member, hired, told, two
from tests.journey.conftest import House

from anfu.channels.oidc.provider import Client, IdentityProvider
from anfu.channels.oidc.simulator import Provider
from anfu.kernel.ids import SeededEntropy
from anfu.parties.access.role import ROLES
from anfu.payments.tools import SignOn

ISSUER, REDIRECT = "https://id.bank.example", "http://localhost:8080/console/sign-on"
COOKIE = "__Host-anfu-sign-on"
SUBJECT = "248289761001"


class Floor:
    """A house with a provider, and one of the staff who is linked to a subject there."""

    def __init__(self, house: House, provider: Provider, member: Member) -> None:
        self.house, self.provider, self.member = house, provider, member

    def use(self, **other: Any) -> None:
        sign_on = self.house.desk.tools.sign_on
        assert sign_on is not None
        self.house.desk.tools = replace(self.house.desk.tools, sign_on=replace(sign_on, **other))

    async def begin(self, headers: dict[str, str] = HOME) -> tuple[httpx.Response, str]:
        answer = await self.house.http.post("/v1/sign_on/begin", headers=headers)
        cookie = answer.headers.get("set-cookie", "")
        return answer, cookie.partition(";")[0].partition("=")[2]

    async def back(
        self, form: dict[str, str], ticket: str | None, headers: dict[str, str] = HOME
    ) -> httpx.Response:
        sent = headers if ticket is None else {**headers, "Cookie": f"{COOKIE}={ticket}"}
        return await self.house.http.post(
            "/v1/sign_on", content=json.dumps(form).encode(), headers=sent
        )

    async def sign_on(self, subject: str = SUBJECT) -> httpx.Response:
        answer, ticket = await self.begin()
        assert answer.status_code == 200, answer.text
        return await self.back(self.provider.authorize(answer.json()["url"], subject), ticket)


@pytest.fixture
async def floor(house: House) -> Any:
    provider = Provider(ISSUER, "anfu", "s3cret", house.clock, SeededEntropy(3))
    line = IdentityProvider(
        Client(ISSUER, "anfu", REDIRECT, "s3cret"), clock=house.clock,
        transport=httpx.ASGITransport(provider.app),
    )  # fmt: skip
    house.desk.tools = house.tools = replace(house.tools, sign_on=SignOn(line, None, {}))
    admins = await two(house)
    member = await hired(house, admins, "li.wei", "analyst", "approver")
    change = {"change": "SUBJECT", "subject": SUBJECT}
    made = await admins[0].post(f"/v1/staff/{member.id}/changes", change)
    proposal = made.json()["id"]
    path = f"/v1/staff_changes/{proposal}/approve"
    assert told(await admins[0].post(path, {"note": "x"})) == (403, "second_person_needed")
    assert (await admins[1].post(path, {"note": "x"})).status_code == 200
    yield Floor(house, provider, member)
    await line.aclose()


async def test_a_linked_account_signs_on(floor: Floor) -> None:
    answer = await floor.sign_on()
    document = answer.json()
    assert (answer.status_code, document["staff"]["id"]) == (200, floor.member.id)
    assert datetime.fromisoformat(document["now"]) == floor.house.clock.now()
    tokens = answer.headers.get_list("set-cookie")
    assert tokens[1] == f"{COOKIE}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict"
    browser = replace(floor.member, csrf=document["csrf"])
    browser.keep(httpx.Response(200, headers=[("set-cookie", tokens[0])]))
    assert (await browser.get("/v1/rules")).status_code == 200
    assert floor.provider.asked == ["about", "token", "keys"]


async def test_an_account_is_one_subject_and_a_subject_one_account(
    floor: Floor, house: House
) -> None:
    async with house.untouched():
        assert told(await floor.sign_on("somebody else")) == (403, "subject_unknown")
    async with house.database.transaction() as tx:
        await tx.execute("UPDATE parties.staff SET state = 'DISABLED' WHERE subject = $1", SUBJECT)
    async with house.untouched():
        assert told(await floor.sign_on()) == (403, "subject_unknown")


async def test_groups_only_take_away_and_only_with_a_mapping(floor: Floor) -> None:
    floor.provider.groups = ["risk", "root"]
    scopes = (await floor.sign_on()).json()["staff"]["scopes"]
    assert scopes == sorted(ROLES["analyst"] | ROLES["approver"])
    floor.use(roles={"risk": "analyst", "root": "admin"})
    answer = await floor.sign_on()
    assert answer.json()["staff"]["roles"] == ["analyst"]  # `root` gives nobody what he has not
    browser = Member(floor.house.http, floor.house.clock, "x", csrf=answer.json()["csrf"])
    browser.keep(answer)
    token = answer.headers.get_list("set-cookie")[0].partition(";")[0].partition("=")[2]
    browser.token = token
    assert told(await browser.post("/v1/proposals/prp_x/approve", {})) == (403, "scope_missing")
    floor.provider.groups = ["root"]
    async with floor.house.untouched(SEEN):
        assert told(await floor.sign_on()) == (403, "subject_unknown")


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"iss": "https://evil.example"}, "issuer"),
    "for another client": ({"aud": "other"}, "audience"),
    "for us and another": ({"aud": ["anfu", "other"]}, "audience"),
    "on behalf of another": ({"azp": "other"}, "audience"),
    "expired": ({"exp": 1}, "time"),
    "old": ({"iat": 1}, "time"),
    "of the future": ({"iat": 9_999_999_999}, "time"),
    "not yet": ({"nbf": 9_999_999_999}, "time"),
    "without a time": ({"exp": None}, "time"),
    "with a word for a time": ({"exp": "soon"}, "time"),
    "to another question": ({"nonce": "x"}, "nonce"),
    "to no question": ({"nonce": None}, "nonce"),
    "by a password alone": ({"amr": ["pwd"]}, "factors"),
    "by nothing": ({"amr": None}, "factors"),
    "of nobody": ({"sub": ""}, "form"),
    "with odd groups": ({"groups": "admin"}, "form"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_lies_signs_nobody_on(floor: Floor, lie: str) -> None:
    changed, reason = LIES[lie]
    floor.provider.alter = lambda claims: claims.update(changed)
    async with floor.house.untouched():
        answer = await floor.sign_on()
        assert told(answer) == (401, "id_token_invalid")
        assert answer.json()["details"] == {"reason": reason}


async def test_a_token_by_a_wrong_key_or_none_signs_nobody_on(floor: Floor) -> None:
    provider = floor.provider
    other = generate_private_key(SECP256R1())
    pem = provider.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def unsigned(claims: dict[str, Any]) -> str:
        return jwt.encode(claims, None, algorithm="none", headers={"kid": "k1"})

    def confused(claims: dict[str, Any]) -> str:
        """The public key taken for a secret."""
        head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"k1"}').rstrip(b"=")
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
        mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
        signature = mac.sign(head + b"." + body, pem)
        return b".".join([head, body, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()

    def signed(key: Any, kid: str | None) -> Any:
        headers = {} if kid is None else {"kid": kid}
        return lambda claims: jwt.encode(claims, key, algorithm="ES256", headers=headers)

    for sign, reason in (
        (unsigned, "signature"), (confused, "signature"), (signed(other, "k1"), "signature"),
        (signed(other, "k2"), "key"), (signed(other, None), "key"), (lambda _: "x.y", "form"),
        (lambda _: "", "form"),
    ):  # fmt: skip
        provider.sign = sign
        async with floor.house.untouched():
            answer = await floor.sign_on()
            assert told(answer) == (401, "id_token_invalid")
            assert answer.json()["details"] == {"reason": reason}


async def test_an_agreed_acr_stands_for_two_factors(floor: Floor) -> None:
    floor.use(acr="urn:bank:strong")
    async with floor.house.untouched():
        answer = await floor.sign_on()
        assert answer.json()["details"] == {"reason": "factors"}
    floor.provider.alter = lambda claims: claims.update(acr="urn:bank:strong", amr=None)
    assert (await floor.sign_on()).status_code == 200


async def test_only_the_browser_that_asked_comes_back(floor: Floor) -> None:
    mine, ticket = await floor.begin()
    theirs, other = await floor.begin()
    form = floor.provider.authorize(mine.json()["url"], SUBJECT)
    foreign = floor.provider.authorize(theirs.json()["url"], SUBJECT)
    async with floor.house.untouched():
        # a code, or a whole answer, of the attacker's own sign-on put upon a victim
        assert told(await floor.back(foreign, ticket)) == (403, "state_invalid")
        assert told(await floor.back({**form, "state": "x"}, ticket)) == (403, "state_invalid")
        assert told(await floor.back(form, None)) == (401, "ticket_invalid")
        assert told(await floor.back(form, "tkt_x")) == (401, "ticket_invalid")
        assert told(await floor.back(form, ticket, AWAY)) == (403, "csrf_refused")
        # a code of another sign-on with one's own state: PKCE binds it to that one's verifier
        mixed = {"code": foreign["code"], "state": form["state"]}
        assert told(await floor.back(mixed, ticket)) == (401, "code_refused")
    assert (await floor.back(form, ticket)).status_code == 200
    async with floor.house.untouched(SEEN):
        assert told(await floor.back(form, ticket)) == (401, "code_refused")
        late, old = await floor.begin()
        form = floor.provider.authorize(late.json()["url"], SUBJECT)
        floor.house.clock.advance(timedelta(minutes=15))
        assert told(await floor.back(form, old)) == (401, "ticket_expired")
        assert told((await floor.begin(AWAY))[0]) == (403, "csrf_refused")
    assert other != ticket


async def test_new_keys_of_the_provider_are_asked_for_once_a_minute(floor: Floor) -> None:
    assert (await floor.sign_on()).status_code == 200
    floor.provider.key, floor.provider.kid = generate_private_key(SECP256R1()), "k2"
    assert told(await floor.sign_on()) == (401, "id_token_invalid")  # asked a moment ago
    floor.house.clock.advance(timedelta(minutes=1))
    assert (await floor.sign_on()).status_code == 200
    assert floor.provider.asked.count("keys") == 2


async def test_a_provider_that_is_silent_or_another_is_an_outside_failure(house: House) -> None:
    provider = Provider("https://evil.example", "anfu", None, house.clock, SeededEntropy(3))
    for transport in (
        httpx.ASGITransport(provider.app), httpx.MockTransport(lambda _: httpx.Response(500)),
        httpx.MockTransport(lambda _: httpx.Response(200, content=b"{")),
    ):  # fmt: skip
        line = IdentityProvider(
            Client(ISSUER, "anfu", REDIRECT), clock=house.clock, transport=transport
        )
        house.desk.tools = replace(house.tools, sign_on=SignOn(line, None, {}))
        answer = await house.http.post("/v1/sign_on/begin", headers=HOME)
        assert told(answer) == (503, "unavailable")
        await line.aclose()
    house.desk.tools = house.tools
    answer = await house.http.post("/v1/sign_on/begin", headers=HOME)
    assert told(answer) == (404, "sign_on_off")


async def test_a_subject_belongs_to_one_account(floor: Floor) -> None:
    house = floor.house
    async with house.database.transaction() as tx:
        admins = [row["id"] for row in await tx.fetch(
            "SELECT id FROM parties.staff WHERE 'admin' = ANY(roles)")]  # fmt: skip
    form = {"change": "SUBJECT", "subject": SUBJECT}
    made = await house.office.post(f"/v1/staff/{admins[0]}/changes", form)
    second = await house.client()
    async with house.untouched():
        answer = await second.post(f"/v1/staff_changes/{made.json()['id']}/approve", {"note": "x"})
        assert told(answer) == (409, "subject_taken")
        for wrong in ({"change": "SUBJECT"}, {"change": "ENABLE", "subject": "x"}):
            answer = await house.office.post(f"/v1/staff/{admins[0]}/changes", wrong)
            assert told(answer) == (422, "field_invalid")
