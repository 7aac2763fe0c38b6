"""What else is held of a person: devices, factors, mandates, agreed limits. Told, and forgotten."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from tests.device_page import Page
from tests.journey.conftest import Client, House
from tests.journey.factors.steps import COOLED, begin, with_totp
from tests.journey.test_devices import AWAY, HOME, SESSIONS, Atlas, open_session, visit
from tests.journey.test_mandates import PASSWORD, Rider

from anfu.compliance.privacy.scan import Scan, scan_database
from anfu.entrypoints.worker.rounds import tidy

REASON = {"reason": "letter 2026-117"}
AT = "2026-11-24T04:0"
LIMIT = {"metric": "balance_payment", "window": "natural_day", "currency": "CNY", "most": 70_000}
ORDER = {"authority": "Beijing Public Security Bureau", "reference": "2026-0117"}


@dataclass
class Owner:
    """A customer with one of everything and no money, and who may forget it."""

    rider: Rider
    second: Client
    device: str
    shared: str
    session: str
    mandate: str

    @property
    def house(self) -> House:
        return self.rider.house

    @property
    def customer(self) -> str:
        return self.rider.payer

    async def forget(self) -> dict[str, Any]:
        path = f"/v1/customers/{self.customer}/erasures"
        wish = (await self.house.office.post(path, REASON)).json()
        done = await self.second.post(f"/v1/erasures/{wish['id']}/approve")
        assert (done.status_code, done.json()["state"]) == (200, "STORED"), done.text
        return dict(done.json())


@pytest.fixture
async def someone(house: House) -> Owner:
    house.desk.tools = replace(house.tools, locator=Atlas())
    office, payer = house.office, await house.office.customer()
    await begin(office, payer, "password", password=PASSWORD)
    _, seed = await with_totp(house, payer)
    house.clock.advance(COOLED)
    rider = Rider(house, payer, await office.merchant("City Rides"), seed)
    mandate = await rider.agreed()
    shared = await visit(office, Page(2, fonts="f-2", voices="v-2"), payer, AWAY)
    await visit(office, Page(2, fonts="f-2", voices="v-2"), "bob", AWAY)
    own = await visit(office, Page(1), payer, HOME)
    assert (await office.post(f"{SESSIONS}/{own['id']}/bind")).status_code == 200
    for path, form in (("limits", LIMIT), ("stop_orders", ORDER)):
        done = await office.post(f"/v1/customers/{payer}/{path}", form)
        assert done.status_code in (200, 201), done.text
    second = await house.client()
    return Owner(rider, second, own["device"], shared["device"], own["id"], mandate)


async def test_an_export_holds_devices_factors_mandates_and_agreed_limits(someone: Owner) -> None:
    office, customer = someone.house.office, someone.customer
    found = (await office.post(f"/v1/customers/{customer}/export", REASON)).json()
    assert [(d["device"], d["state"], d["place"]) for d in found["devices"]] == [
        (someone.device, "BOUND", {"latitude": 31.2, "longitude": 121.5}),
        (someone.shared, "SEEN", {"latitude": 51.5, "longitude": -0.1}),
    ]
    assert found["devices"][0]["traits"].keys() >= {"fonts", "canvas", "network"}
    assert [(s["device"], s["address"], s["state"]) for s in found["device_sessions"]] == [
        (someone.shared, AWAY, "PROFILED"), (someone.device, HOME, "PROFILED"),
    ]  # fmt: skip
    assert found["device_sessions"][1]["place"] == {"latitude": 31.2, "longitude": 121.5}
    assert [(f["kind"], f["label"], f["state"]) for f in found["factors"]] == [
        ("password", "my phone", "ACTIVE"), ("totp", "my phone", "ACTIVE"),
    ]  # fmt: skip
    assert [(m["id"], m["state"], m["purpose"], m["per_day"]) for m in found["mandates"]] == [
        (someone.mandate, "ACTIVE", "rides", 5_000)
    ]
    assert [(a["metric"], a["window"], a["most"]) for a in found["agreed_limits"]] == [
        ("balance_payment", "natural_day", 70_000)
    ]
    assert not {"verifier", "handle", "signals", "nonce"} & set(json.dumps(found).split('"'))


async def test_nothing_of_it_lies_about_readable(someone: Owner, database_url: str) -> None:
    assert await someone.house.count("parties.device_session") == 3
    scan = Scan()
    await scan_database(scan, database_url, lambda _: None, lambda _: None)
    assert (scan.tally.findings, scan.clean) == ([], True)


async def test_the_forgotten_prove_and_permit_nothing_any_more(
    someone: Owner, owner: asyncpg.Connection
) -> None:
    house, customer = someone.house, someone.customer
    done = await someone.forget()
    assert done["erased"] == ["face_capture", "reference", "factors"]
    assert {k["what"]: (k["title"]["en"], k["until"]) for k in done["kept"]} == {
        "identity": ("name, telephone number, document and how they were verified", "2036-11-24"),
        "operations": ("records of operations on the account: devices, agreed limits, stop orders",
                       "2031-11-24"),
        "consents": ("consents, and who saw the data in clear", "2029-11-24"),
    }  # fmt: skip
    assert await house.count("authentication.factor") == 0
    mandate = (await house.office.get(f"/v1/mandates/{someone.mandate}")).json()
    assert (mandate["state"], mandate["ended_at"][:15]) == ("REVOKED", AT)
    assert await house.kinds(someone.mandate) == [
        "mandate.pending", "mandate.active", "mandate.revoked",
    ]  # fmt: skip
    ties = await owner.fetch("SELECT state FROM parties.device_tie WHERE payer = $1", customer)
    assert sorted(tie["state"] for tie in ties) == ["REVOKED", "SEEN"]
    moves = await owner.fetch("SELECT state, by_key FROM parties.device_tie_move ORDER BY at")
    assert [tuple(move) for move in moves] == [
        ("BOUND", house.office.key), ("REVOKED", someone.second.key),
    ]  # fmt: skip
    assert await house.count("limits.agreed_limit") == 1  # kept by 43号 art. 16
    assert await house.count("limits.stop_order") == 1


async def test_nobody_reads_what_the_forgotten_had(someone: Owner) -> None:
    office, customer = someone.house.office, someone.customer
    waiting = await open_session(office, customer)
    await someone.forget()
    at, visited = f"/v1/customers/{customer}", f"{SESSIONS}/{waiting['id']}"
    profile = {**Page(1).profile(waiting["nonce"]), "address": HOME}
    async with someone.house.untouched("parties.access_log"):
        gone = [
            await office.get(f"{at}/factors"), await office.get(f"{at}/mandates"),
            await office.get(f"{at}/limits"), await office.get(f"{at}/stop_orders"),
            await office.get("/v1/devices", payer=customer), await office.get(visited),
            await office.post(f"{at}/factors", {"kind": "totp", "label": "new"}),
            await office.post(f"{at}/limits", LIMIT),
            await office.post(f"{at}/stop_orders", ORDER),
            await office.post(SESSIONS, {"payer": customer}),
            await office.post(f"{visited}/profile", profile),
            await office.post(f"{SESSIONS}/{someone.session}/bind"),
            await office.post(f"/v1/devices/{someone.shared}/revoke", {"payer": customer}),
        ]  # fmt: skip
        assert {(a.status_code, a.json()["code"]) for a in gone} == {(410, "customer_stored")}
        drawn = await someone.rider.propose()
        assert drawn.json()["code"] == "party_suspended"
        device = (await office.get(f"/v1/devices/{someone.shared}")).json()
        assert [tie["payer"] for tie in device["ties"]] == ["bob"]


async def test_what_a_customer_called_a_factor_is_nowhere_once_it_is_forgotten(
    house: House, owner: asyncpg.Connection
) -> None:
    """Events and remembered answers once kept the label for ever."""
    office, customer, label = house.office, await house.office.customer(), "Mei red Pixel"
    form = {"kind": "totp", "label": label}
    path = f"/v1/customers/{customer}/factors"
    made = await office.post(path, form, key="once")
    assert (made.status_code, made.json()["label"]) == (201, label)
    assert (await office.post(path, form, key="once")).content == made.content
    lost = await office.post(f"/v1/factors/{made.json()['id']}/end", {"why": "lost"})
    assert (lost.json()["state"], lost.json()["label"]) == ("REMOVED", label)
    assert await written(owner, label) == ["authentication.factor"]
    wish = (await office.post(f"/v1/customers/{customer}/erasures", REASON)).json()
    await (await house.client()).post(f"/v1/erasures/{wish['id']}/approve")
    assert await written(owner, label) == []
    async with house.untouched():
        again = await office.post(path, form, key="once")
        assert (again.status_code, again.json()["code"]) == (404, "factor_not_found")


async def written(owner: asyncpg.Connection, text: str) -> list[str]:
    """The tables that hold a text, in letters or in bytes."""
    tables = await owner.fetch(
        "SELECT schemaname || '.' || tablename FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
    )
    found = "SELECT EXISTS (SELECT FROM {0} t WHERE position($1 IN t::text) > 0" \
            " OR position($2 IN t::text) > 0)"  # fmt: skip
    return [
        table for (table,) in tables
        if await owner.fetchval(found.format(table), text, text.encode().hex())
    ]  # fmt: skip


async def test_at_last_nothing_of_what_the_person_had_is_left(
    someone: Owner, owner: asyncpg.Connection
) -> None:
    house = someone.house
    await someone.forget()
    house.clock.advance(timedelta(days=3652))  # 2036-11-23
    await tidy(house.tools, house.clock)
    assert await house.count("parties.mandate") == 1
    house.clock.advance(timedelta(days=2))
    await tidy(house.tools, house.clock)
    for table in ("parties.mandate", "limits.agreed_limit", "limits.stop_order",
                  "authentication.factor"):  # fmt: skip
        assert await house.count(table) == 0, table
    rows = await owner.fetch(
        "SELECT id, traits::text, cardinality(blocks), latitude FROM parties.device"
    )
    looks = {row[0]: tuple(row)[1:] for row in rows}
    assert looks[someone.device] == ("{}", 0, None)
    assert looks[someone.shared][2] == 51.5  # bob's, too
    assert "fonts" in looks[someone.shared][0]
    visits = await owner.fetch("SELECT payer, address, latitude FROM parties.device_session")
    assert {tuple(row) for row in visits} == {
        (someone.customer, None, None), ("bob", AWAY, 51.5),
    }  # fmt: skip
