"""A device is known again, bound, and its payment is decided by what was proven of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.device_page import Page
from tests.journey.conftest import Client, House, order

from anfu.risk.signals.location import Location

SESSIONS = "/v1/device-sessions"
HOME, AWAY = "203.0.113.7", "198.51.100.9"


async def open_session(client: Client, payer: str | None = None) -> dict[str, Any]:
    answer = await client.post(SESSIONS, {"payer": payer} if payer else {})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def visit(
    client: Client, page: Page, payer: str | None = None, address: str = HOME
) -> dict[str, Any]:
    """A session with the page's profile in it."""
    session = await open_session(client, payer)
    return await send(client, session["id"], page.profile(session["nonce"]), address)


async def send(
    client: Client, session: str, profile: dict[str, str], address: str = HOME
) -> dict[str, Any]:
    answer = await client.post(f"{SESSIONS}/{session}/profile", {**profile, "address": address})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def codes(session: dict[str, Any]) -> list[str]:
    return [signal["code"] for signal in session["signals"]]


async def decided(house: House, session: str, payer: str = "alice", **more: Any) -> dict[str, Any]:
    """The decision on an event from the session, with its facts."""
    seen = {"session": session, **more}
    wish = {"event": f"e-{session[-8:]}-{payer}", "payer": payer, "payee": "tea", "amount": 8_800,
            "currency": "CNY", "method": "card", "environment": seen}  # fmt: skip
    answer = await house.office.post("/v1/decisions", wish)
    assert answer.status_code == 201, answer.text
    return dict((await house.office.get(f"/v1/decisions/{answer.json()['id']}")).json())


async def test_a_device_is_new_once_and_then_proven_by_its_key(house: House) -> None:
    page = Page()
    first = await visit(house.office, page, "alice")
    assert (first["state"], first["standing"], first["signals"]) == ("PROFILED", "NEW", [])
    page.cookie = first["device"]
    again = await visit(house.office, page, "alice", AWAY)
    assert (again["standing"], again["device"]) == ("PROVEN", first["device"])
    device = (await house.office.get(f"/v1/devices/{first['device']}")).json()
    assert [key["trust"] for key in device["keys"]] == ["FOUNDING"]
    assert [(tie["payer"], tie["state"]) for tie in device["ties"]] == [("alice", "SEEN")]


async def test_an_update_and_a_cleared_storage_leave_a_device_alike(house: House) -> None:
    first = await visit(house.office, Page(1), "alice")
    other = await visit(house.office, Page(2, canvas="c-2", audio="35.8"), "alice")
    assert (other["standing"], other["device"]) == ("ALIKE", first["device"])
    # Seen once more, the key that was only alike still proves nothing: it takes a binding.
    again = await visit(house.office, Page(2, canvas="c-2", audio="35.8"), "alice")
    assert again["standing"] == "ALIKE"
    bound = await house.office.post(f"{SESSIONS}/{again['id']}/bind")
    assert (bound.status_code, bound.json()["state"]) == (200, "BOUND")
    proven = await visit(house.office, Page(2, canvas="c-2", audio="35.8"), "alice")
    assert (proven["standing"], proven["bound"]) == ("PROVEN", False)
    read = await house.office.get(f"{SESSIONS}/{proven['id']}")
    assert read.json()["bound"] is True
    device = (await house.office.get(f"/v1/devices/{first['device']}")).json()
    assert [key["trust"] for key in device["keys"]] == ["FOUNDING", "CONFIRMED"]


async def looks(house: House, device: str) -> dict[str, Any]:
    """What a device is known by."""
    async with house.database.transaction(readonly=True) as tx:
        row = await tx.fetchrow("SELECT * FROM parties.device WHERE id = $1", device)
    return dict(row)


async def test_who_resembles_a_device_does_not_change_it_before_it_is_bound(house: House) -> None:
    """An attacker who looked alike, visit by visit, would else have moved the traits of a known
    device to its own, and its place with them."""
    first = await visit(house.office, Page(1), "alice")
    before = await looks(house, first["device"])
    for number in range(3):
        house.clock.advance(timedelta(minutes=1))
        alike = await visit(house.office, Page(2, canvas=f"c-{number}", audio="35.8"), "alice")
        assert (alike["standing"], alike["device"]) == ("ALIKE", first["device"])
        assert await looks(house, first["device"]) == before
    proven = await visit(house.office, Page(1), "alice")
    assert proven["standing"] == "PROVEN"
    before = await looks(house, first["device"])
    assert (await house.office.post(f"{SESSIONS}/{alike['id']}/bind")).status_code == 200
    after = await looks(house, first["device"])
    assert after["traits"] != before["traits"]
    async with house.database.transaction(readonly=True) as tx:
        kept = await tx.fetchrow(
            "SELECT traits, seen_at FROM parties.device_key WHERE trust = 'CONFIRMED'"
        )
    assert (after["traits"], after["last_seen_at"]) == (kept["traits"], kept["seen_at"])


async def test_two_of_one_model_are_two_devices(house: House) -> None:
    first = await visit(house.office, Page(1), "alice")
    other = await visit(house.office, Page(2, fonts="f-2", voices="v-2"), "bob", AWAY)
    assert other["standing"] == "NEW"
    assert other["device"] != first["device"]


async def test_a_binding_is_kept_with_its_history_told_to_risk_and_taken_back(
    house: House,
) -> None:
    session = await visit(house.office, Page(), "alice")
    bound = await house.office.post(f"{SESSIONS}/{session['id']}/bind")
    assert bound.json()["payer"] == "alice"
    assert (await decided(house, session["id"]))["facts"]["device_bound"] is True
    devices = (await house.office.get("/v1/devices", payer="alice")).json()
    assert [tie["state"] for tie in devices["data"]] == ["BOUND"]
    async with house.untouched():
        twice = await house.office.post(f"{SESSIONS}/{session['id']}/bind")
    assert (twice.status_code, twice.json()["code"]) == (409, "device_not_tied")
    path = f"/v1/devices/{session['device']}/revoke"
    revoked = await house.office.post(path, {"payer": "alice"})
    assert revoked.json()["state"] == "REVOKED"
    async with house.untouched():
        assert (await house.office.post(path, {"payer": "alice"})).status_code == 409
        assert (await house.office.post(path, {"payer": "bob"})).status_code == 409
    assert await house.count("parties.device_tie_move") == 2
    assert await house.count("risk.behaviour") == 1


async def test_from_a_session_too_old_or_without_payer_nothing_is_bound(house: House) -> None:
    nobody = await visit(house.office, Page(1))
    late = await visit(house.office, Page(2, fonts="f-2", voices="v-2"), "alice", AWAY)
    house.clock.advance(timedelta(minutes=30))
    waiting = await open_session(house.office, "alice")
    for session in (nobody, late, waiting):
        async with house.untouched():
            answer = await house.office.post(f"{SESSIONS}/{session['id']}/bind")
        assert (answer.status_code, answer.json()["code"]) == (409, "device_session_unfit")


async def test_a_payment_is_decided_by_the_device_its_session_proves(house: House) -> None:
    merchant = await house.office.merchant()
    payer = await house.office.customer(deposit=100_000)
    page = Page()
    await visit(house.office, page, payer)
    session = await visit(house.office, page, payer)
    payment = await house.office.pay(payer, merchant, 8_800, environment={"session": session["id"]})
    assert payment["state"] == "SUCCEEDED"
    decision = (await house.office.get(f"/v1/decisions/{payment['decision']}")).json()
    facts = decision["facts"]
    assert (facts["device"], facts["address"]) == (session["device"], HOME)
    assert (facts["device_standing"], facts["device_bound"]) == ("PROVEN", False)
    assert facts["device_signals"] is None


async def test_a_claimed_device_is_only_claimed(house: House) -> None:
    seen = {"device": "phone-1"}
    wish = {"event": "e-1", "payer": "alice", "payee": "tea", "amount": 8_800, "currency": "CNY",
            "method": "card", "environment": seen}  # fmt: skip
    answer = (await house.office.post("/v1/decisions", wish)).json()
    facts = (await house.office.get(f"/v1/decisions/{answer['id']}")).json()["facts"]
    assert (facts["device_standing"], facts["device_bound"]) == ("CLAIMED", None)


async def test_a_dry_run_and_a_batch_know_the_session_too(house: House) -> None:
    page = Page()
    page.seen["webdriver"] = True
    session = await visit(house.office, page, "alice")
    wish = {"event": "e-1", "payer": "alice", "payee": "tea", "amount": 8_800, "currency": "CNY",
            "method": "card", "environment": {"session": session["id"]}}  # fmt: skip
    tried = (await house.office.post("/v1/decisions", {**wish, "dry_run": True})).json()
    both = (await house.office.post("/v1/decisions/batch", {"decisions": [wish]})).json()
    assert tried["outcome"] == both["data"][0]["outcome"] == "BLOCK"
    assert "DEVICE_AUTOMATED" in tried["reasons"]


async def test_a_session_of_another_merchant_is_not_found(house: House) -> None:
    merchant = await house.office.merchant()
    scopes = frozenset({"devices:write", "devices:read"})
    theirs = await house.client(scopes=scopes, merchant=merchant)
    session = await visit(house.office, Page(), "alice")
    for answer in (
        await theirs.get(f"{SESSIONS}/{session['id']}"),
        await theirs.post(f"{SESSIONS}/{session['id']}/profile", Page().profile("A" * 43)),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "device_session_not_found")
    for path in ("/v1/devices?payer=alice", f"/v1/devices/{session['device']}"):
        assert (await theirs.get(path)).json()["code"] == "institution_only"
    own = await visit(theirs, Page(2, fonts="f-2", voices="v-2"), "alice", AWAY)
    found = await decided(house, own["id"])  # the institution's key, in another scope
    assert found["facts"]["device_signals"] == "UNKNOWN_SESSION"


class Atlas:
    """Two places."""

    def find(self, address: str) -> Location | None:
        places = {HOME: Location(31.2, 121.5, "Asia/Shanghai", "CN"),
                  AWAY: Location(51.5, -0.1, "Europe/London", "GB")}  # fmt: skip
        return places.get(address)


async def test_a_place_comes_from_the_address_and_contradicts_clock_and_travel(
    house: House,
) -> None:
    house.desk.tools = replace(house.tools, locator=Atlas())
    page = Page()
    first = await visit(house.office, page, "alice")
    assert codes(first) == []
    house.clock.advance(timedelta(hours=2))
    second = await visit(house.office, page, "alice", AWAY)
    assert codes(second) == ["IMPOSSIBLE_TRAVEL", "LOCATION_CONTRADICTION"]
    decision = await decided(house, second["id"])
    assert (decision["facts"]["latitude"], decision["facts"]["longitude"]) == (51.5, -0.1)
    assert "DEVICE_TRAVELLED" in decision["reasons"]


async def test_an_address_of_a_hosting_network_is_a_signal(house: House) -> None:
    rows = {"entries": [{"value": "198.51.100.0/24"}], "why": "found", "source": "operator"}
    answer = await house.office.post("/v1/lists/hosting_networks/entries", rows)
    assert answer.status_code in (200, 201), answer.text
    assert codes(await visit(house.office, Page(), "alice", AWAY)) == ["HOSTING_ADDRESS"]


async def test_what_was_known_and_decided_is_in_the_evidence(house: House) -> None:
    session = await visit(house.office, Page(), "alice")
    async with house.database.transaction(readonly=True) as tx:
        bodies = await tx.fetch("SELECT body FROM evidence.leaf ORDER BY index")
    leaf = next(b["body"] for b in bodies if b'"device_session"' in bytes(b["body"]))
    assert session["device"].encode() in leaf
    assert b'"standing":"NEW"' in leaf


async def test_an_order_takes_a_session_beside_all_else(house: House) -> None:
    merchant = await house.office.merchant()
    payer = await house.office.customer(deposit=100_000)
    wish = order(payer, merchant, 8_800, environment={"session": "dss_none"})
    answer = (await house.office.post("/v1/payments", wish)).json()
    assert (answer["state"], answer["reasons"]) == ("CHALLENGED", ["DEVICE_UNPROVEN"])


async def test_visits_at_once_are_each_done_once_and_refused_alone(house: House) -> None:
    """What waits for its turn goes in one transaction: nobody is kept by what another is refused,
    and the second of two sees what the first has left."""
    office = house.office
    visits = [office.post(SESSIONS, {"payer": f"p-{n}"}, key=f"v-{n // 2}") for n in range(6)]
    opened = await asyncio.gather(*visits, *(office.post(SESSIONS, {}, key="v") for _ in range(3)))
    assert [a.status_code for a in opened] == [201, 422] * 3 + [201] * 3
    assert {a.json()["code"] for a in opened[1:6:2]} == {"idempotency_key_reused"}
    assert len({a.content for a in opened[6:]}) == 1
    assert await house.count("parties.device_session") == 4

    one, other, third, _ = [opened[n].json() for n in (0, 2, 4, 6)]
    page = Page()
    profile, path = page.profile(one["nonce"]), f"{SESSIONS}/{one['id']}/profile"
    same = {**page.profile(other["nonce"]), "address": HOME}
    answers = await asyncio.gather(
        office.post(path, {**profile, "address": HOME}, key="first"),
        office.post(path, {**profile, "address": HOME}, key="second"),
        office.post(f"{SESSIONS}/dss_nobody/profile", {**profile, "address": HOME}),
        office.post(f"{SESSIONS}/{third['id']}/profile", {**profile, "payload": "{}"}),
        office.post(f"{SESSIONS}/{other['id']}/profile", same, key="other"),
        office.post(f"{SESSIONS}/{other['id']}/profile", same, key="other"),
    )
    assert [a.status_code for a in answers] == [200, 200, 404, 422, 200, 200]
    told = [a.json() for a in answers]
    assert (told[0]["state"], told[0]["standing"]) == ("PROFILED", "NEW")
    assert (told[1]["state"], codes(told[1])) == ("REJECTED", ["REPLAYED_PROFILE"])
    assert [t["code"] for t in told[2:4]] == ["device_session_not_found", "device_profile_invalid"]
    assert (told[4]["standing"], told[4]["device"]) == ("PROVEN", told[0]["device"])
    assert answers[5].content == answers[4].content
    assert await house.count("parties.device") == 1
    states = [(await office.get(f"{SESSIONS}/{s['id']}")).json()["state"] for s in (one, third)]
    assert states == ["REJECTED", "OPEN"]
