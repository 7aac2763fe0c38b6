"""Every role at every operation there is, generated from their declaration: none does what its
scopes do not say, and nobody signed in reaches past another door."""

from __future__ import annotations

import msgspec
import pytest
from tests.journey.access.steps import SEEN, Member, first, hired, told
from tests.journey.conftest import House
from tests.journey.test_keys import NOBODY, path_of

from anfu.entrypoints.api.application import operations
from anfu.entrypoints.api.operation import Operation
from anfu.parties.access.role import ROLES

KEYED = [o for o in operations(development_mode=True) if o.scope is not None]
WHY = {"Anfu-Reason": "attack"}


async def ask(member: Member, operation: Operation) -> tuple[int, str]:
    path = path_of(operation, NOBODY)
    if operation.method == "GET":
        answer = await member.get(path, WHY)
    else:
        body = operation.example if operation.body else None
        answer = await member.post(path, body)
    code = "" if answer.status_code < 400 else msgspec.json.decode(answer.content)["code"]
    return answer.status_code, code


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_does_what_its_scopes_say_and_nothing_else(house: House, role: str) -> None:
    admins = await first(house, "admin.one"), await first(house, "admin.two")
    member = admins[0] if role == "admin" else await hired(house, admins, "li.wei", role)
    closed = [o for o in KEYED if o.scope not in ROLES[role]]
    opened = [o for o in KEYED if o.scope in ROLES[role] and o.method == "GET"]
    assert closed
    async with house.untouched(SEEN, "parties.access_log"):
        for operation in closed:
            assert await ask(member, operation) == (403, "scope_missing"), operation.name
        for operation in opened:
            status, code = await ask(member, operation)
            assert status not in (401, 403, 500), (operation.name, code)


async def test_a_session_that_ended_does_nothing_at_all(house: House) -> None:
    member = await first(house, "admin.one")
    kept = str(member.token)
    assert (await member.post("/v1/session/end")).status_code == 200
    member.token = kept
    async with house.untouched():
        for operation in KEYED:
            member.token = kept
            assert await ask(member, operation) == (401, "session_ended"), operation.name


async def test_no_write_of_any_operation_goes_without_the_pages_token(house: House) -> None:
    member = await first(house, "admin.one")
    async with house.untouched(SEEN):
        for operation in operations(development_mode=True):
            if operation.method == "POST" and (operation.scope or operation.session):
                path = path_of(operation, NOBODY)
                answer = await member.post(path, operation.example, {"Origin": "null"})
                assert told(answer) == (403, "csrf_refused"), operation.name
