"""Every answer with personal data in it leaves who, whose, when and why; before it goes out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest
from tests.journey.access.steps import SEEN, hired, told, two
from tests.journey.conftest import House
from tests.journey.declared import TOLD_BACK, has_personal, is_logged
from tests.journey.nobody import NOBODY, path_of

from anfu.entrypoints.api.application import operations
from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.parties.access.role import ROLES

WHY = {"Anfu-Reason": quote("案件 cas_1 核实身份")}


async def log(house: House, **query: Any) -> list[dict[str, Any]]:
    answer = await house.office.get("/v1/access-log", **query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


async def test_staff_say_why_and_it_is_kept(house: House) -> None:
    admins = await two(house)
    member = await hired(house, admins, "li.wei", "reviewer")
    customers = [await house.office.customer() for _ in range(3)]
    paths = [
        f"/v1/customers/{customers[0]}",
        "/v1/customers",
        f"/v1/customers/{customers[1]}/factors",
    ]
    async with house.untouched(SEEN):
        for path in paths:
            assert told(await member.get(path)) == (422, "reason_missing")
            for wrong in ("", "%20", "a%07b", "x" * 201, "%ff", "%E4"):
                answer = await member.get(path, {"Anfu-Reason": wrong})
                assert answer.status_code == 422, wrong
                assert answer.json()["code"] in ("reason_missing", "reason_invalid"), wrong
    for path in paths:
        house.clock.advance(timedelta(seconds=1))
        assert (await member.get(path, WHY)).status_code == 200
    rows = await log(house)
    assert [(r["operation"], r["subjects"]) for r in rows] == [
        ("list_factors", [customers[1]]), ("list_customers", customers[::-1]),
        ("get_customer", [customers[0]]),
    ]  # fmt: skip
    for row in rows:
        assert (row["person"], row["why"], row["address"]) == (
            member.id, "案件 cas_1 核实身份", "127.0.0.1")  # fmt: skip
        assert row["caller"].startswith("ses_")


async def test_staff_say_why_at_every_operation_that_tells_of_people(house: House) -> None:
    member = await hired(house, await two(house), "li.wei", "auditor")
    asked = [
        operation for operation in operations(development_mode=True)
        if operation.personal and operation.scope in ROLES["auditor"]
    ]  # fmt: skip
    assert len(asked) == 23
    async with house.untouched(SEEN):
        for operation in asked:
            query = "?payer=x" if operation.name == "list_devices" else ""
            answer = await member.get(path_of(operation, NOBODY) + query)
            assert told(answer) == (422, "reason_missing"), operation.name


async def test_a_machine_is_kept_too_and_may_say_why(house: House) -> None:
    office = house.office
    customer = await office.customer()
    await office.get(f"/v1/customers/{customer}")
    [row] = await log(house)
    assert (row["caller"], row["person"], row["why"]) == (office.key, office.key, None)


async def test_what_was_not_shown_is_not_logged(house: House) -> None:
    office = house.office
    shop = await house.client(merchant=await office.merchant())
    customer = await office.customer()
    async with house.untouched():
        assert (await shop.get(f"/v1/customers/{customer}")).status_code == 404
        assert (await shop.get("/v1/customers")).json()["data"] == []
        assert (await office.get("/v1/customers/cus_nobody")).status_code == 404


async def test_only_the_page_that_was_shown_is_logged(house: House) -> None:
    customers = [await house.office.customer() for _ in range(3)]
    await house.office.get("/v1/customers", limit=2)
    [row] = await log(house)
    assert row["subjects"] == customers[:0:-1]


async def test_no_log_no_data(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = await house.office.customer()

    async def broken(*_: Any, **__: Any) -> None:
        raise OutsideFailure(Outcome.UNKNOWN, "the table is gone")

    monkeypatch.setattr("anfu.entrypoints.api.desk.note_reads", broken)
    async with house.untouched():
        answer = await house.office.get(f"/v1/customers/{customer}")
        assert told(answer) == (503, "unavailable")
        assert b"138" not in answer.content


async def test_the_log_is_searched_by_person_and_by_customer(house: House) -> None:
    office, second = house.office, await house.client()
    one, other = await office.customer(), await office.customer()
    for client, customer in ((office, one), (second, one), (second, other)):
        house.clock.advance(timedelta(seconds=1))
        await client.get(f"/v1/customers/{customer}")

    def short(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
        return [(row["person"], row["subjects"][0]) for row in rows]

    assert short(await log(house, person=second.key)) == [(second.key, other), (second.key, one)]
    assert short(await log(house, subject=one)) == [(second.key, one), (office.key, one)]
    assert short(await log(house, subject=one, person=office.key)) == [(office.key, one)]
    rows = await log(house, limit=1)
    assert short(await log(house, after=rows[0]["id"], limit=1)) == [(second.key, one)]


async def test_compliance_and_audit_read_it_and_nobody_else(house: House) -> None:
    admins = await two(house)
    for login, roles, status in (
        ("a.a", ["compliance"], 200), ("b.b", ["auditor"], 200),
        ("c.c", ["reviewer", "approver", "analyst", "viewer", "finance"], 403),
    ):  # fmt: skip
        member = await hired(house, admins, login, *roles)
        assert (await member.get("/v1/access-log")).status_code == status
    assert (await admins[0].get("/v1/access-log")).status_code == 403


async def test_nobody_changes_the_log(house: House, owner: asyncpg.Connection) -> None:
    await house.office.get(f"/v1/customers/{await house.office.customer()}")
    for statement in ("DELETE FROM", "UPDATE", "TRUNCATE"):
        text = f"{statement} parties.access_log" + (
            " SET why = 'x'" if statement == "UPDATE" else ""
        )
        with pytest.raises(asyncpg.PostgresError):
            async with house.database.transaction() as tx:
                await tx.execute(text)
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(text)
    assert len(await log(house)) == 1


def test_every_operation_whose_answer_has_a_personal_field_is_logged() -> None:
    known = operations(development_mode=True)
    assert [o.name for o in known if o.personal is not is_logged(o)] == []
    assert {o.name for o in known if has_personal(o)} >= TOLD_BACK
    assert sum(o.personal for o in known) == 51
