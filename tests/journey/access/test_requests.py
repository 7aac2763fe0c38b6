"""The request log: what was asked and answered, without what was said."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from tests.journey.conftest import Client, House, order

from anfu.entrypoints.api.journal import ROOM
from anfu.entrypoints.worker.rounds import tidy
from anfu.parties.requests.request import path_of

LOG = "/v1/requests"


async def logged(house: House, **query: Any) -> dict[str, Any]:
    """The log as an institution's key reads it; what is asked here is written a turn later."""
    answer = await house.office.get(LOG, **query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def written(house: House) -> None:
    assert await house.desk.write_journal() == 0


async def test_what_was_asked_is_found_by_the_id_of_its_answer(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(deposit=9_000), await office.merchant()
    await written(house)
    wish = order(payer, payee, 700, description="for Zhang", environment={"device": "dev_phone"})
    paid = await office.post("/v1/payments", wish, key="k-one")
    payment, id_ = paid.json()["id"], paid.headers["anfu-request-id"]
    await office.get(f"/v1/payments/{payment}", party="138 0013 8000")
    blind = await house.client(scopes={"payments:read"})
    refused_one = await blind.get(LOG)
    house.clock.advance(timedelta(seconds=1))
    nobody = await house.http.get("/v1/balances/13800138000/CNY")
    house.clock.advance(timedelta(seconds=1))
    async with house.untouched():
        early = await office.get(f"{LOG}/{id_}")
        assert (early.status_code, early.json()["code"]) == (404, "request_not_found")
    await written(house)
    found = (await office.get(f"{LOG}/{id_}")).json()
    assert re.fullmatch(r"req_[0-9a-z]{26}", id_)
    assert found.pop("duration_us") > 0
    assert found == {
        "id": id_, "object": "request", "at": found["at"], "method": "POST",
        "path": "/v1/payments", "operation": "create_payment", "status": 201, "code": None,
        "caller": office.key, "person": office.key, "address": "127.0.0.1",
        "idempotency_key": "k-one",
    }  # fmt: skip
    (read,) = (await logged(house, operation="get_payment"))["data"]
    assert read["path"] == f"/v1/payments/{payment}"
    failed = [
        (one["id"], one["status"], one["code"], one["caller"], one["path"])
        for one in (await logged(house, failed="true", limit=3))["data"]
    ]
    assert failed[1:] == [
        (nobody.headers["anfu-request-id"], 401, "authorization_missing", None,
         "/v1/balances/{party}/{currency}"),
        (refused_one.headers["anfu-request-id"], 403, "scope_missing", blind.key, LOG),
    ]  # fmt: skip
    async with house.database.transaction(readonly=True) as tx:
        rows = await tx.fetch("SELECT r::text AS row FROM parties.request r")
    assert not [row["row"] for row in rows if re.search("Zhang|1380013|dev_phone|sk_", row["row"])]


async def test_it_is_narrowed_and_paged(house: House) -> None:
    first = house.office
    other = await house.client(scopes={"payments:read"})
    for client in (first, other, other):
        await client.get("/v1/payments")
        house.clock.advance(timedelta(seconds=1))
    await written(house)
    assert len((await logged(house, caller=other.key))["data"]) == 2
    page = await logged(house, operation="list_payments", limit=1)
    assert (page["more"], page["unlogged"]) == (True, 0)
    rest = await logged(house, operation="list_payments", after=page["data"][0]["id"])
    assert (len(rest["data"]), rest["more"]) == (2, False)
    since = rest["data"][0]["at"]
    assert len((await logged(house, operation="list_payments", since=since))["data"]) == 2
    assert len((await logged(house, operation="list_payments", until=since))["data"]) == 1
    assert (await logged(house, status=404))["data"] == []


async def test_a_storm_hides_no_failure_and_what_is_left_out_is_told(house: House) -> None:
    for _ in range(ROOM + 7):
        await house.http.get("/health")
    house.clock.advance(timedelta(seconds=1))
    failed = await house.http.get("/v1/payments")
    await written(house)
    told = await logged(house, limit=100)
    assert told["unlogged"] == 7
    assert await house.count("parties.request") == ROOM + 1
    assert told["data"][0]["id"] == failed.headers["anfu-request-id"]
    house.clock.advance(timedelta(days=14, seconds=1))
    await tidy(house.tools, house.clock)
    assert (await house.count("parties.request"), await house.count("parties.request_gap")) == (
        0,
        0,
    )


async def test_only_who_integrates_reads_it(house: House) -> None:
    scopes = {"payments:read", "access:read", "keys:write"}
    without = await house.client(scopes=scopes)
    shop = await house.client(merchant=await house.office.merchant())
    for client, code in ((without, "scope_missing"), (shop, "institution_only")):
        await refused(client, code)


async def refused(client: Client, code: str) -> None:
    for path in (LOG, f"{LOG}/req_01kaw000000000000000000000"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, code)


def test_a_path_shows_our_own_ids_alone() -> None:
    template = "/v1/graph/{kind}/{id}"
    assert path_of(template, {"kind": "phone", "id": "13800138000"}) == template
    ours = "cus_01kaw000000000000000000000"
    assert path_of(template, {"kind": "account", "id": ours}) == f"/v1/graph/{{kind}}/{ours}"
