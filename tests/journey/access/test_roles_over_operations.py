"""Every role at every operation there is, generated from their declaration: none does what its
scopes do not say, and nobody signed in reaches past another door."""

from __future__ import annotations

import msgspec
import pytest
from tests.journey.access.steps import SEEN, Member, first, hired, told
from tests.journey.conftest import House
from tests.journey.nobody import NOBODY, path_of

from anfu.entrypoints.api.application import operations
from anfu.entrypoints.api.operation import Operation
from anfu.parties.access.role import ROLES
from anfu.parties.apikey import SCOPES

KEYED = [o for o in operations(development_mode=True) if o.scope is not None]
WHY = {"Anfu-Reason": "attack"}
# Who of the staff has which scope. What no role has is done by the institution's own programs for
# a customer or a merchant, or at its reserve account: nobody of the staff pays, proves, agrees,
# opens or credits in their stead.
HELD = """
access:read       auditor compliance
applications:read approver auditor compliance
applications:write compliance
backtests:write   analyst
balances:read     auditor compliance finance
consents:write
behaviour:write
cases:read        analyst approver auditor compliance reviewer viewer
cases:write       approver reviewer
customers:read    auditor compliance reviewer
customers:write
decisions:read    analyst approver auditor compliance reviewer viewer
decisions:write
deposits:write
devices:read      auditor compliance reviewer
devices:write
events:read       auditor compliance
evidence:read     auditor compliance
factors:read      auditor compliance reviewer
factors:write
feedback:read     auditor compliance reviewer
graph:read        analyst approver auditor compliance reviewer
history:write
keys:write        admin
labels:write      analyst reviewer
limits:write      compliance
lists:read        analyst approver auditor compliance reviewer viewer
lists:write       analyst
mandates:read     auditor compliance reviewer
mandates:write
merchants:read    analyst approver auditor compliance finance reviewer viewer
merchants:write
models:read       analyst approver auditor compliance reviewer viewer
models:write      analyst
owners:write      compliance
personal:erase    compliance
personal:export   compliance
personal:reveal   compliance reviewer
payments:read     analyst approver auditor compliance finance reviewer viewer
payments:write
payouts:write     finance
proposals:read    analyst approver auditor compliance
proposals:write   approver
reconciliation:read approver auditor finance
reconciliation:write finance
refunds:write     finance
requests:read     admin auditor
reviews:write     reviewer
rules:read        analyst approver auditor compliance reviewer viewer
rules:write       analyst
settlements:read  approver auditor compliance finance
settlements:write finance
staff:read        admin auditor compliance
staff:write       admin
stop_orders:write compliance
tasks:read        auditor compliance finance
tasks:write       compliance finance
webhooks:read     admin auditor
webhooks:write    admin
"""


async def ask(member: Member, operation: Operation) -> tuple[int, str]:
    path = path_of(operation, NOBODY)
    if operation.method == "GET":
        answer = await member.get(path, WHY)
    else:
        body = operation.example if operation.body else None
        answer = await member.post(path, body)
    code = "" if answer.status_code < 400 else msgspec.json.decode(answer.content)["code"]
    return answer.status_code, code


def test_who_has_which_scope_and_that_every_operation_asks_for_one() -> None:
    held = {line.split()[0]: line.split()[1:] for line in HELD.strip().splitlines()}
    assert held == {s: sorted(r for r in ROLES if s in ROLES[r]) for s in sorted(SCOPES)}
    # beside the scope of an operation, taking in a history asks for one of its own
    assert len(KEYED) == 240
    assert {o.scope for o in KEYED} == SCOPES
    session = {o.name for o in operations(development_mode=True) if o.session}
    assert session == {"get_session", "sign_out", "sign_out_everywhere", "list_waiting", "search",
                       "list_colleagues", "follow_changes"}  # fmt: skip


def test_whoever_proposes_does_not_hold_what_approves() -> None:
    """So that one person with one role is never both; that two of his roles are still one person
    is seen in `test_two_people`."""
    proposing = {"rules:write", "lists:write", "models:write", "limits:write",
                 "applications:write", "reconciliation:write"}  # fmt: skip
    for role, scopes in ROLES.items():
        assert not (scopes & proposing and "proposals:write" in scopes), role


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_does_what_its_scopes_say_and_nothing_else(house: House, role: str) -> None:
    admins = await first(house, "admin.one"), await first(house, "admin.two")
    member = admins[0] if role == "admin" else await hired(house, admins, "li.wei", role)
    closed = [o for o in KEYED if o.scope not in ROLES[role]]
    opened = [o for o in KEYED if o.scope in ROLES[role] and o.method == "GET"]
    writing = [o for o in KEYED if o.scope in ROLES[role] and o.method == "POST"]
    assert closed
    async with house.untouched(SEEN, "parties.access_log"):
        for operation in closed:
            assert await ask(member, operation) == (403, "scope_missing"), operation.name
        for operation in opened:
            status, code = await ask(member, operation)
            assert status not in (401, 403, 500), (operation.name, code)
    for operation in writing:
        status, code = await ask(member, operation)
        assert code not in ("scope_missing", "internal_error"), operation.name
        assert status != 401, (operation.name, code)


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
