"""Break-glass: once, for an hour, seen by everybody, and no second person."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
from tests.journey.access.steps import AWAY, HOME, SEEN, Member, first, hired, strict, told, two
from tests.journey.cases.case_floor import hold
from tests.journey.conftest import House
from tests.journey.test_lists_over_http import declared
from tests.journey.test_proposals import RULE

from anfu.channels.notices.target import Target
from anfu.channels.notices.text import notice_text
from anfu.payments.access.break_glass import close_emergencies, seal_envelope

REASON = "nobody on duty can sign in, accounts are being drained"


async def envelope(house: House) -> str:
    _, secret = await house.database.run(
        lambda tx: seal_envelope(tx, house.tools, now=house.clock.now())
    )
    return secret


async def opened(house: House, secret: str, **other: Any) -> tuple[Member, httpx.Response]:
    """Somebody at the envelope."""
    member = Member(house.http, house.clock, "emergency")
    headers = other.pop("headers", HOME)
    form = {"secret": secret, "name": "李伟", "reason": REASON, **other}
    answer = await member._open("/v1/emergency", form, headers)
    member.keep(answer)
    if answer.status_code == 200:
        member.csrf, member.id = answer.json()["csrf"], answer.json()["staff"]["id"]
    return member, answer


async def leaves(house: House, subject: str) -> list[dict[str, Any]]:
    async with house.database.transaction(readonly=True) as tx:
        rows = await tx.fetch(
            "SELECT body FROM evidence.leaf WHERE subject = $1 ORDER BY index", subject
        )
    return [json.loads(row["body"]) for row in rows]


async def test_an_envelope_opens_once_and_tells_everybody(house: House) -> None:
    lines = (Target("ntc_a", None, "json://a"), Target("ntc_b", "fraud", "json://b"))
    house.desk.tools = house.tools = replace(house.tools, notices=lines)
    secret = await envelope(house)
    member, answer = await opened(house, secret)
    assert (answer.status_code, answer.json()["staff"]["roles"]) == (200, ["emergency"])
    assert (await member.get("/v1/staff")).status_code == 200
    async with house.database.transaction(readonly=True) as tx:
        told_to = await tx.fetch(
            "SELECT d.endpoint_id, e.kind, e.body FROM storage.delivery d JOIN storage.event e"
            " ON e.id = d.event_id ORDER BY 1"
        )
    assert [(r["endpoint_id"], r["kind"]) for r in told_to] == [
        ("ntc_a", "emergency.opened"), ("ntc_b", "emergency.opened")]  # fmt: skip
    data = json.loads(told_to[0]["body"])["data"]
    title, text = notice_text("emergency.opened", data, now=house.clock.now())
    assert title == "Sealed envelope opened 应急封存凭证被启用"
    assert "127.0.0.1" in text
    assert "李伟" not in text + told_to[0]["body"].decode()
    async with house.untouched():
        for again in (secret, "bg_" + "a" * 52, "x"):
            assert told((await opened(house, again))[1]) == (403, "envelope_invalid")


async def test_an_envelope_that_was_replaced_opens_nothing(house: House) -> None:
    old, new = await envelope(house), await envelope(house)
    async with house.untouched():
        assert told((await opened(house, old))[1]) == (403, "envelope_invalid")
    assert (await opened(house, new))[1].status_code == 200


async def test_without_a_name_a_reason_or_our_page_it_stays_shut(house: House) -> None:
    secret = await envelope(house)
    async with house.untouched():
        for wrong, code in (
            ({"reason": "x"}, "field_invalid"), ({"reason": " " * 20}, "reason_invalid"),
            ({"reason": "   because    "}, "reason_invalid"), ({"name": "\u0007"}, "name_invalid"),
            ({"headers": AWAY}, "csrf_refused"),
        ):  # fmt: skip
            _, answer = await opened(house, secret, **wrong)
            assert answer.json()["code"] == code, wrong
    assert (await opened(house, secret))[1].status_code == 200


async def test_after_an_hour_it_is_over_and_the_account_shut(house: House) -> None:
    secret = await envelope(house)
    member, _ = await opened(house, secret)
    for _ in range(5):
        house.clock.advance(timedelta(minutes=10))
        assert (await member.get("/v1/staff")).status_code == 200
    assert await close_emergencies(house.tools, now=house.clock.now()) == 0
    house.clock.advance(timedelta(minutes=10))
    assert told(await member.get("/v1/staff")) == (401, "session_ended")
    assert await close_emergencies(house.tools, now=house.clock.now()) == 1
    assert await close_emergencies(house.tools, now=house.clock.now()) == 0
    [row] = (await house.office.get("/v1/emergencies")).json()["data"]
    assert (row["name"], row["reason"], row["address"]) == ("李伟", REASON, "127.0.0.1")
    assert row["closed_at"] is not None
    assert (await house.office.get(f"/v1/staff/{member.id}")).json()["state"] == "DISABLED"
    changes = [leaf["body"].get("change") for leaf in await leaves(house, row["id"])]
    assert changes == ["emergency.sealed", "emergency.opened", "emergency.closed"]


async def test_signing_out_shuts_it_early(house: House) -> None:
    member, _ = await opened(house, await envelope(house))
    assert (await member.post("/v1/session/end")).status_code == 200
    assert await close_emergencies(house.tools, now=house.clock.now()) == 1


async def test_it_stops_things_and_each_act_is_evidence(house: House) -> None:
    admins = await two(house)
    thief = await hired(house, admins, "li.wei", "finance")
    key = await house.client()
    member, _ = await opened(house, await envelope(house))
    assert (await member.post(f"/v1/staff/{thief.id}/disable")).status_code == 200
    assert (await member.post(f"/v1/keys/{key.key}/revoke")).status_code == 200
    acts = [leaf["body"] for leaf in await leaves(house, member.id) if "operation" in leaf["body"]]
    assert [(a["operation"], a["status"]) for a in acts] == [
        ("disable_staff", 200), ("revoke_key", 200)]  # fmt: skip


async def test_it_rejects_what_waits_and_lets_nothing_go(house: House) -> None:
    """What is paid does not come back: whoever opened the envelope may be the payee's friend."""
    await strict(house)
    payments = [await hold(house) for _ in range(2)]
    member, _ = await opened(house, await envelope(house))
    cases = [case["id"] for case in (await member.get("/v1/cases")).json()["data"]]
    assert len(cases) == 2
    for case in cases:
        assert (await member.post(f"/v1/cases/{case}/claim")).status_code == 200
    say = {"verdict": "RELEASE", "reason": "FALSE_ALARM", "revision": 2}
    async with house.untouched(SEEN):
        for path, form in (
            *((f"/v1/payments/{payment['id']}/release", {"note": "x"}) for payment in payments),
            *((f"/v1/cases/{case}/verdict", say) for case in cases),
        ):
            assert told(await member.post(path, form)) == (403, "emergency_not_allowed"), path
    answer = await member.post(f"/v1/payments/{payments[0]['id']}/reject", {"note": "x"})
    assert (answer.status_code, answer.json()["state"]) == (200, "REJECTED")


async def test_it_makes_nothing_that_outlives_it(house: House) -> None:
    one = await first(house, "admin.one")
    member, _ = await opened(house, await envelope(house))
    tries = (
        ("/v1/staff", {"login": "x.y", "name": "x", "roles": ["admin"]}),
        (f"/v1/staff/{one.id}/changes", {"change": "RESET"}),
        (f"/v1/staff/{one.id}/invitation", None),
        ("/v1/keys", {"label": "x", "scopes": ["staff:read"]}),
        (f"/v1/keys/{house.office.key}/rotate", {"overlap_s": 0}),
        (f"/v1/keys/{house.office.key}/networks", {"networks": []}),
    )
    async with house.untouched(SEEN):
        for path, form in tries:
            assert told(await member.post(path, form)) == (403, "emergency_not_allowed"), path


async def test_whoever_opened_it_is_neither_the_first_nor_the_second(house: House) -> None:
    admins = await two(house)
    both = await hired(house, admins, "li.wei", "analyst", "approver")
    member, _ = await opened(house, await envelope(house))  # li.wei himself, perhaps
    change = {"change": "ROLES", "roles": ["finance"]}
    made = await admins[0].post(f"/v1/staff/{both.id}/changes", change)
    proposal = made.json()["id"]
    async with house.untouched(SEEN):
        answer = await member.post(f"/v1/staff_changes/{proposal}/approve", {"note": "x"})
        assert told(answer) == (403, "emergency_not_allowed")
        assert told(await member.post("/v1/rules", RULE)) == (403, "scope_missing")
    listed = (await member.post("/v1/lists", declared())).json()
    assert listed["state"] == "PROPOSED"
    async with house.untouched(SEEN):
        answer = await both.post(f"/v1/proposals/{listed['proposal']}/approve", {"note": "x"})
        assert told(answer) == (403, "second_person_needed")
