"""Where two people are needed it takes two, whatever keys and sessions one of them has."""

from __future__ import annotations

from typing import Any

from tests.journey.access.steps import SEEN, Member, hired, told, two
from tests.journey.conftest import Client, House
from tests.journey.test_proposals import RULE

from anfu.parties.apikey import SCOPES, NewKey
from anfu.parties.keys.operations import create_key
from anfu.storage.transaction import Tx

SECOND = (403, "second_person_needed")
Somebody = Member | Client


async def key_of(house: House, staff: str | None, scopes: Any = SCOPES) -> Client:
    """A key made at the command line."""

    async def work(tx: Tx) -> Client:
        issued = await create_key(
            tx, order=NewKey("own", frozenset(scopes), None, None, staff), by=None,
            sealer=house.tools.sealer, now=house.clock.now(),
        )  # fmt: skip
        return Client(house.http, house.clock, issued.key.id, issued.secret)

    return await house.database.run(work)


async def child_of(client: Client, *scopes: str) -> Client:
    """A key that another key had made over HTTP."""
    answer = await client.post("/v1/keys", {"label": "child", "scopes": list(scopes)})
    document = answer.json()
    return Client(client.http, client.clock, document["id"], document["secret"])


async def proposed(by: Somebody, rule: str) -> str:
    assert (await by.post("/v1/rules", {**RULE, "id": rule})).status_code == 201
    answer = await by.post(f"/v1/rules/{rule}/shadow", {"why": "to see"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def approve(by: Somebody, proposal: str) -> Any:
    return await by.post(f"/v1/proposals/{proposal}/approve", {"note": "read"})


async def test_one_of_the_staff_is_one_person_by_key_and_by_session(house: House) -> None:
    admins = await two(house)
    both = await hired(house, admins, "li.wei", "analyst", "approver")
    other = await hired(house, admins, "wang.fang", "approver")
    key = await key_of(house, both.id)
    by_session, by_key = await proposed(both, "sevens"), await proposed(key, "eights")
    async with house.untouched(SEEN):
        for proposal in (by_session, by_key):
            for again in (both, key):
                assert told(await approve(again, proposal)) == SECOND
    await both.sign_in()  # another session is no other person either
    async with house.untouched(SEEN):
        assert told(await approve(both, by_key)) == SECOND
    for proposal in (by_session, by_key):
        answer = await approve(other, proposal)
        document = answer.json()
        assert (answer.status_code, document["author"], document["decided_by"]) == (
            200, both.id, other.id)  # fmt: skip


async def test_whoever_makes_a_key_does_not_become_two(house: House) -> None:
    office = house.office
    child = await child_of(office, "keys:write", "proposals:write", "rules:write")
    grandchild = await child_of(child, "proposals:write", "rules:write")
    proposals = [await proposed(c, f"rule_{n}") for n, c in enumerate((office, child, grandchild))]
    async with house.untouched():
        for proposal in proposals:
            for one in (office, child, grandchild):
                assert told(await approve(one, proposal)) == SECOND
    second = await key_of(house, None)
    assert (await approve(second, proposals[0])).status_code == 200


async def test_a_multiplier_of_limits_takes_two_by_key_and_by_session(house: House) -> None:
    admins = await two(house)
    both = await hired(house, admins, "li.wei", "compliance", "approver")
    other = await hired(house, admins, "wang.fang", "approver")
    key = await key_of(house, both.id)
    wish = {"rule": "CN-NP43-24-2", "hundredths": 200, "reason": "rated A in 2026"}
    path = "/v1/limits/multipliers"
    answers = [await by.post(path, wish) for by in (both, key)]
    assert [answer.status_code for answer in answers] == [201, 201]
    made = [answer.json()["id"] for answer in answers]
    async with house.untouched(SEEN):
        assert told(await other.post(path, wish)) == (403, "scope_missing")
        for multiplier in made:
            for again in (both, key):
                assert told(await again.post(f"{path}/{multiplier}/approve")) == SECOND
    for multiplier in made:
        document = (await other.post(f"{path}/{multiplier}/approve")).json()
        assert (document["approved"], document["proposed_by"], document["decided_by"]) == (
            True, both.id, other.id)  # fmt: skip


async def test_a_rotated_key_is_whoever_holds_it(house: House) -> None:
    office, other = house.office, await key_of(house, None)
    proposal = await proposed(office, "sevens")
    turned = (await office.post(f"/v1/keys/{office.key}/rotate", {"overlap_s": 60})).json()
    again = Client(house.http, house.clock, turned["id"], turned["secret"])
    async with house.untouched():
        assert told(await approve(again, proposal)) == SECOND
    # who turns another's key holds it from then on, and is no third person by that
    theirs = await proposed(other, "eights")
    taken = (await other.post(f"/v1/keys/{again.key}/rotate", {"overlap_s": 60})).json()
    client = Client(house.http, house.clock, taken["id"], taken["secret"])
    async with house.untouched():
        assert told(await approve(client, theirs)) == SECOND


async def test_one_of_the_staff_is_not_answered_what_another_was(house: House) -> None:
    admins = await two(house)
    form = {"login": "li.wei", "name": "x", "roles": ["viewer"]}
    one, other = admins
    one.count = other.count = 40
    other.login = one.login  # the helper's idempotency keys are made of it
    first = await one.post("/v1/staff", form)
    answer = await other.post("/v1/staff", {**form, "login": "wang.fang"})
    assert (first.status_code, answer.status_code) == (201, 201)
    assert first.json()["id"] != answer.json()["id"]
