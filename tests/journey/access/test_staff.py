"""Accounts of staff: made by one administrator, let in and changed by another."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from tests.journey.access.steps import (
    SEEN,
    Member,
    approve,
    enabled,
    first,
    hired,
    invited,
    told,
    two,
)
from tests.journey.conftest import House

from anfu.kernel.errors import Refused
from anfu.parties.access.queries import get_staff
from anfu.parties.access.role import ROLES, check_roles, scopes_of
from anfu.parties.apikey import SCOPES
from anfu.payments.access.invite import invite_administrator


async def change(admin: Member, staff: str, kind: str, *roles: str) -> str:
    form = {"change": kind, **({"roles": list(roles)} if roles else {})}
    answer = await admin.post(f"/v1/staff/{staff}/changes", form)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def state(admin: Member, staff: str) -> tuple[str, list[str]]:
    document = (await admin.get(f"/v1/staff/{staff}")).json()
    return document["state"], document["roles"]


async def test_the_first_two_come_from_the_command_line_and_no_third(house: House) -> None:
    await two(house)
    async with house.untouched(SEEN):
        with pytest.raises(Refused, match="administrators_enough"):
            await first(house, "admin.three")


async def test_who_was_invited_signs_in_only_after_a_second_administrator(house: House) -> None:
    one, other = await two(house)
    member, link = await invited(one, "li.wei", "analyst")
    assert (await member.enlist(link)).json()["state"] == "WAITING"
    assert told(await member.sign_in()) == (401, "sign_in_refused")
    async with house.untouched(SEEN):
        assert told(await enabled(one, member)) == (403, "second_person_needed")
    assert (await enabled(other, member)).status_code == 200
    answer = await member.sign_in()
    assert answer.status_code == 200
    assert answer.json()["staff"]["scopes"] == sorted(ROLES["analyst"])
    assert (await member.get("/v1/rules")).status_code == 200
    async with house.untouched(SEEN):
        answer = await member.get("/v1/staff")
        assert told(answer) == (403, "scope_missing")


async def test_the_link_is_good_once_for_a_day_and_the_newest_only(house: House) -> None:
    one, _ = await two(house)
    member, link = await invited(one, "li.wei", "analyst")
    again = (await one.post(f"/v1/staff/{member.id}/invitation")).json()["invitation"]
    async with house.untouched(SEEN):
        for wrong in (link, "inv_" + "a" * 52, "inv_x", "x"):
            answer = await member._open("/v1/enlistment/begin", {"invitation": wrong})
            assert told(answer) == (403, "invitation_invalid"), wrong
    assert (await member.enlist(again)).status_code == 200
    async with house.untouched(SEEN):
        answer = await member._open("/v1/enlistment/begin", {"invitation": again})
        assert told(answer) == (403, "invitation_invalid")
        answer = await one.post(f"/v1/staff/{member.id}/invitation")
        assert told(answer) == (409, "staff_state")
    late, link = await invited(one, "late", "viewer")
    house.clock.advance(timedelta(hours=24))
    answer = await late._open("/v1/enlistment/begin", {"invitation": link})
    assert told(answer) == (403, "invitation_invalid")


async def test_the_link_is_shown_once_and_stored_nowhere(house: House) -> None:
    one, _ = await two(house)
    _, link = await invited(one, "li.wei", "analyst")
    one.count -= 1  # the same request again
    answer = await one.post(
        "/v1/staff", {"login": "li.wei", "name": "li.wei", "roles": ["analyst"]}
    )
    assert (answer.status_code, answer.json()["invitation"]) == (201, None)
    async with house.database.transaction(readonly=True) as tx:
        tables = [row["t"] for row in await tx.fetch(
            "SELECT schemaname || '.' || tablename AS t FROM pg_tables WHERE schemaname IN"
            " ('parties', 'storage', 'evidence', 'authentication', 'risk')"
            " AND has_table_privilege(schemaname || '.' || tablename, 'SELECT')"
        )]  # fmt: skip
        for table in tables:
            for secret in (link, one.token, one.password):
                found = await tx.fetchval(
                    f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%' || $1 || '%'", secret
                )
                hexed = str(secret).encode().hex()
                found += await tx.fetchval(
                    f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%' || $1 || '%'", hexed
                )
                assert found == 0, table


async def test_roles_change_by_two_and_end_what_is_open(house: House) -> None:
    admins = await two(house)
    member = await hired(house, admins, "li.wei", "analyst")
    proposal = await change(admins[0], member.id, "ROLES", "approver", "reviewer")
    async with house.untouched(SEEN):
        assert told(await approve(admins[0], proposal)) == (403, "second_person_needed")
    assert (await member.get("/v1/rules")).status_code == 200
    assert (await approve(admins[1], proposal)).status_code == 200
    assert await state(admins[0], member.id) == ("ACTIVE", ["approver", "reviewer"])
    assert told(await member.get("/v1/rules")) == (401, "session_ended")
    assert (await member.sign_in()).status_code == 200
    assert told(await member.post("/v1/rules", {})) == (403, "scope_missing")


async def test_nobody_approves_what_is_about_himself(house: House) -> None:
    one, other = await two(house)
    proposal = await change(one, other.id, "ROLES", "admin", "viewer")
    async with house.untouched(SEEN):
        assert told(await approve(other, proposal)) == (403, "second_person_needed")


async def test_the_last_administrator_stays(house: House) -> None:
    one, other = await two(house)
    assert (await one.post(f"/v1/staff/{other.id}/disable")).status_code == 200
    async with house.untouched(SEEN):
        answer = await one.post(f"/v1/staff/{one.id}/disable")
        assert told(answer) == (409, "last_administrator")
    assert told(await other.get("/v1/staff")) == (401, "session_ended")
    assert told(await other.sign_in()) == (401, "sign_in_refused")


async def test_of_two_administrators_who_disable_one_another_one_stays(house: House) -> None:
    one, other = await two(house)
    answers = await asyncio.gather(
        one.post(f"/v1/staff/{other.id}/disable"), other.post(f"/v1/staff/{one.id}/disable")
    )
    assert sorted(answer.status_code for answer in answers)[0] == 200
    async with house.database.transaction(readonly=True) as tx:
        states = [(await get_staff(tx, m.id)).state for m in (one, other)]
    assert sorted(states) == ["ACTIVE", "DISABLED"]


async def test_a_disabled_account_comes_back_by_two(house: House) -> None:
    admins = await two(house)
    member = await hired(house, admins, "li.wei", "viewer")
    assert (await admins[0].post(f"/v1/staff/{member.id}/disable")).status_code == 200
    proposal = await change(admins[0], member.id, "ENABLE")
    assert told(await approve(admins[0], proposal)) == (403, "second_person_needed")
    assert (await approve(admins[1], proposal)).status_code == 200
    assert (await member.sign_in()).status_code == 200


async def test_a_reset_takes_all_factors_and_needs_two_twice(house: House) -> None:
    admins = await two(house)
    member = await hired(house, admins, "li.wei", "viewer")
    proposal = await change(admins[0], member.id, "RESET")
    assert (await approve(admins[1], proposal)).status_code == 200
    assert told(await member.get("/v1/rules")) == (401, "session_ended")
    assert told(await member.sign_in()) == (401, "sign_in_refused")
    link = (await admins[0].post(f"/v1/staff/{member.id}/invitation")).json()["invitation"]
    assert (await member.enlist(link, passkey=True)).json()["state"] == "WAITING"
    assert told(await member.sign_in()) == (401, "sign_in_refused")
    assert told(await enabled(admins[0], member)) == (403, "second_person_needed")
    assert (await enabled(admins[1], member)).status_code == 200
    assert (await member.sign_in()).status_code == 200


async def test_an_open_change_of_a_past_state_is_not_made(house: House) -> None:
    admins = await two(house)
    member, _ = await invited(admins[0], "li.wei", "viewer")
    async with house.untouched(SEEN):
        # nobody has set the account up: there is nobody yet whom one could have spoken to
        assert told(await enabled(admins[1], member)) == (409, "staff_state")


async def test_a_change_of_staff_is_not_decided_among_the_rules(house: House) -> None:
    admins = await two(house)
    member = await hired(house, admins, "li.wei", "viewer")
    proposal = await change(admins[0], member.id, "ROLES", "approver")
    async with house.untouched(SEEN):
        for how in ("approve", "reject"):
            answer = await house.office.post(f"/v1/proposals/{proposal}/{how}", {"note": "x"})
            assert told(answer) == (422, "proposal_subject_unknown")


async def test_bad_wishes_make_nothing(house: House) -> None:
    one, _ = await two(house)
    good = {"login": "li.wei", "name": "李伟", "roles": ["viewer"]}
    wrong = {
        "login_invalid": {"login": "li wei"}, "name_invalid": {"name": "\u0007"},
        "roles_invalid": {"roles": ["king"]}, "roles_apart": {"roles": ["admin", "approver"]},
        "login_taken": {"login": "ADMIN.ONE"}, "field_invalid": {"roles": []},
    }  # fmt: skip
    async with house.untouched(SEEN):
        for code, other in wrong.items():
            answer = await one.post("/v1/staff", {**good, **other})
            assert answer.json()["code"] == code, answer.text
        for form in ({"change": "ROLES"}, {"change": "RESET", "roles": ["viewer"]}):
            answer = await one.post(f"/v1/staff/{one.id}/changes", form)
            assert told(answer) == (422, "field_invalid")
        answer = await one.post("/v1/staff/stf_nobody/disable")
        assert told(answer) == (404, "staff_not_found")


async def test_each_step_is_in_the_evidence_without_a_name(house: House) -> None:
    admins = await two(house)
    member = await hired(house, admins, "li.wei", "viewer")
    async with house.database.transaction(readonly=True) as tx:
        rows = await tx.fetch(
            "SELECT body FROM evidence.leaf WHERE subject = $1 ORDER BY index", member.id
        )
    bodies = [json.loads(row["body"])["body"] for row in rows]
    assert [(b["change"], b["state"], b["by"]) for b in bodies] == [
        ("staff.invited", "INVITED", admins[0].id),
        ("staff.enlisted", "WAITING", member.id),
        ("staff.enable", "ACTIVE", admins[1].id),
    ]
    assert all(b"li.wei" not in row["body"] for row in rows)


def test_each_role_is_a_set_of_scopes_there_are() -> None:
    assert sorted(ROLES) == [
        "admin", "analyst", "approver", "auditor", "compliance", "finance", "reviewer", "viewer",
    ]  # fmt: skip
    for role, scopes in ROLES.items():
        assert scopes <= SCOPES, role
    assert {s for s in ROLES["auditor"] if not s.endswith(":read")} == set()
    assert {s for s in ROLES["viewer"] if not s.endswith(":read")} == set()
    assert [r for r in ROLES if "staff:write" in ROLES[r]] == ["admin"]
    assert [r for r in ROLES if "proposals:write" in ROLES[r]] == ["approver"]
    assert [r for r in ROLES if "payments:write" in ROLES[r]] == []
    assert scopes_of(["viewer", "no such role"]) == ROLES["viewer"]


@pytest.mark.parametrize(
    ("roles", "code"),
    [([], "roles_invalid"), (["x"], "roles_invalid"), (["admin", "finance"], "roles_apart"),
     (["admin", "compliance"], "roles_apart"),
     (["auditor", "viewer"], "roles_apart")],
)  # fmt: skip
def test_roles_that_one_person_may_not_have(roles: list[str], code: str) -> None:
    with pytest.raises(Refused, match=code):
        check_roles(roles)
    assert check_roles(["viewer", "analyst", "viewer"]) == ("analyst", "viewer")


async def test_the_command_line_is_an_ordinary_person_of_the_evidence(house: House) -> None:
    invited_ = await house.database.run(
        lambda tx: invite_administrator(tx, house.tools, "a.b", "A", now=house.clock.now())
    )
    assert (invited_.staff.roles, invited_.staff.invited_by) == (("admin",), "command line")
