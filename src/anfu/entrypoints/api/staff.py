"""Accounts of staff: invite, disable, and changes that a second administrator approves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, to_builtins

from anfu.entrypoints.api.documents import Name, PageQuery, Request, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.proposals import (
    ProposalDocument,
    ProposalList,
    ProposalQuery,
    RulingForm,
    proposal_document,
)
from anfu.entrypoints.api.shown_once import shown_once
from anfu.parties.access import queries
from anfu.parties.access.role import ROLES
from anfu.parties.access.staff import Change, Invited, NewStaff, State, Wish
from anfu.payments.access.amend import applying, propose_change
from anfu.payments.access.document import staff_document
from anfu.payments.access.invite import disable, invite, invite_again
from anfu.payments.document import encode
from anfu.risk.proposals.approve import Ruling
from anfu.risk.proposals.approve import approve as decide
from anfu.risk.proposals.proposal import State as ProposalState
from anfu.risk.proposals.proposal import Subject
from anfu.risk.proposals.queries import list_proposals
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx

Roles = Annotated[tuple[Name, ...], Meta(max_length=len(ROLES))]


class StaffForm(Request, frozen=True):
    """An account to be made."""

    login: Name
    name: Name
    roles: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=len(ROLES))]


class ChangeForm(Request, frozen=True):
    """`roles`: all it shall have, for ROLES. `subject`: who it is at the identity provider, for
    SUBJECT."""

    change: Change
    roles: Roles = ()
    subject: Annotated[str, Meta(min_length=1, max_length=255)] | None = None


class StaffDocument(Struct, frozen=True):
    """An account. `invitation` is shown once, when the link is made."""

    id: str
    object: Literal["staff"]
    login: str
    name: str
    roles: list[str]
    scopes: list[str]
    state: State
    invited_by: str
    invitation_until: datetime | None
    created_at: datetime
    subject: str | None
    invitation: str | None = None


class StaffList(Struct, frozen=True):
    """A page of accounts."""

    object: Literal["list"]
    data: list[StaffDocument]
    more: bool


class ColleagueDocument(Struct, frozen=True):
    """An account as everybody on the staff may see it."""

    id: str
    object: Literal["colleague"]
    login: str
    name: str
    state: State


class ColleagueList(Struct, frozen=True):
    """A page of colleagues."""

    object: Literal["list"]
    data: list[ColleagueDocument]
    more: bool


async def create(call: Call) -> Answer:
    """Invite somebody."""
    form: StaffForm = call.body
    wish = NewStaff(form.login, form.name, form.roles, call.person)

    async def work(tx: Tx) -> Answer:
        return _invited(201, await invite(tx, call.desk.tools, wish, now=call.now))

    return await shown_once(call, "invitation", work)


async def link(call: Call) -> Answer:
    """A new link."""

    async def work(tx: Tx) -> Answer:
        invited = await invite_again(
            tx, call.desk.tools, call.path["staff"], call.person, now=call.now
        )
        return _invited(200, invited)

    return await shown_once(call, "invitation", work)


async def list_(call: Call) -> Answer:
    """A page."""
    query: PageQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.list_staff(tx, before=query.after, most=query.limit + 1)
    return Answer(200, page([staff_document(s) for s in found], query.limit))


async def colleagues(call: Call) -> Answer:
    """A page: who stands behind the ids of accounts."""
    query: PageQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.list_staff(tx, before=query.after, most=query.limit + 1)
    said = [ColleagueDocument(s.id, "colleague", s.login, s.name, s.state) for s in found]
    return Answer(200, page([to_builtins(one) for one in said], query.limit))


async def get(call: Call) -> Answer:
    """One."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.get_staff(tx, call.path["staff"])
    return Answer(200, encode(staff_document(found)))


async def end(call: Call) -> Answer:
    """Disable."""

    async def work(tx: Tx) -> Answer:
        staff_id = call.path["staff"]
        await disable(tx, call.desk.tools, staff_id, call.person, now=call.now)
        return Answer(200, encode(staff_document(await queries.get_staff(tx, staff_id))))

    return await idempotency.once(call.desk.tools.database, call.once, work, now=call.now)


async def propose(call: Call) -> Answer:
    """Propose a change."""
    form: ChangeForm = call.body
    wish = Wish(call.path["staff"], form.change, form.roles, form.subject)

    async def work(tx: Tx) -> Answer:
        made = await propose_change(tx, call.desk.tools, wish, call.person, now=call.now)
        return Answer(201, encode(proposal_document(made)))

    return await idempotency.once(call.desk.tools.database, call.once, work, now=call.now)


async def changes(call: Call) -> Answer:
    """A page of changes."""
    query: ProposalQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await list_proposals(
            tx, state=query.state, before=query.after, most=query.limit + 1,
            subject=Subject.STAFF,
        )  # fmt: skip
    return Answer(200, page([proposal_document(p) for p in found], query.limit))


async def approve(call: Call) -> Answer:
    """Make it so."""
    return await _decide(call, ProposalState.APPROVED)


async def reject(call: Call) -> Answer:
    """Turn it down."""
    return await _decide(call, ProposalState.REJECTED)


async def withdraw(call: Call) -> Answer:
    """Take it back."""
    return await _decide(call, ProposalState.WITHDRAWN)


async def _decide(call: Call, state: ProposalState) -> Answer:
    form: RulingForm = call.body
    tools = call.desk.tools
    return await decide(
        tools.database,
        Ruling(call.once, call.path["proposal"], state, call.person, form.note),
        apply={Subject.STAFF: applying(tools)},
        describe=lambda proposal: encode(proposal_document(proposal)),
        now=call.now,
    )


def _invited(status: int, invited: Invited) -> Answer:
    return Answer(
        status, encode({**staff_document(invited.staff), "invitation": invited.invitation})
    )


_WRITE: dict[str, Any] = {"scope": "staff:write", "once": True, "institution": True}
_OF_ONE: dict[str, Any] = {**_WRITE, "standing": True}
_DECIDED = ("proposal_not_found", "proposal_closed", "proposal_subject_unknown")
OPERATIONS = (
    Operation("create_staff", "POST", "/v1/staff", "Invite a member of the staff.", create,
              body=StaffForm, answer=StaffDocument, status=201, **_OF_ONE,
              refusals=("login_invalid", "login_taken", "name_invalid", "roles_invalid",
                        "roles_apart"),
              example={"login": "li.wei", "name": "李伟", "roles": ["analyst"]}),
    Operation("list_staff", "GET", "/v1/staff", "List the staff.", list_, scope="staff:read",
              query=PageQuery, answer=StaffList, institution=True),
    Operation("list_colleagues", "GET", "/v1/colleagues", "List who works here, by id and name.",
              colleagues, session=True, query=PageQuery, answer=ColleagueList, institution=True),
    Operation("get_staff", "GET", "/v1/staff/{staff}", "Read an account.", get, scope="staff:read",
              answer=StaffDocument, institution=True, refusals=("staff_not_found",)),
    Operation("invite_staff_again", "POST", "/v1/staff/{staff}/invitation", "Make a new link for an"
              " account that has not been set up.", link, answer=StaffDocument, **_OF_ONE,
              refusals=("staff_not_found", "staff_state")),
    Operation("disable_staff", "POST", "/v1/staff/{staff}/disable", "Disable an account, its"
              " sessions and its keys, at once.", end, answer=StaffDocument, **_WRITE,
              refusals=("staff_not_found", "staff_state", "last_administrator")),
    Operation("propose_staff_change", "POST", "/v1/staff/{staff}/changes", "Propose that an account"
              " be enabled, have other roles, or set itself up anew.", propose, body=ChangeForm,
              answer=ProposalDocument, status=201, **_OF_ONE,
              refusals=("staff_not_found", "roles_invalid", "roles_apart", "subject_invalid"),
              example={"change": "ROLES", "roles": ["reviewer"]}),
    Operation("list_staff_changes", "GET", "/v1/staff_changes", "List the changes of accounts that"
              " were proposed.", changes, scope="staff:read", query=ProposalQuery,
              answer=ProposalList, institution=True),
    Operation("approve_staff_change", "POST", "/v1/staff_changes/{proposal}/approve", "Approve a"
              " change of an account that somebody else proposed.", approve, body=RulingForm,
              answer=ProposalDocument, **_OF_ONE,
              refusals=(*_DECIDED, "second_person_needed", "staff_state", "last_administrator",
                        "roles_invalid", "roles_apart", "subject_taken"),
              example={"note": "spoke to him"}),
    Operation("reject_staff_change", "POST", "/v1/staff_changes/{proposal}/reject", "Turn down a"
              " change of an account.", reject, body=RulingForm, answer=ProposalDocument, **_OF_ONE,
              refusals=(*_DECIDED, "second_person_needed"), example={"note": "not needed"}),
    Operation("withdraw_staff_change", "POST", "/v1/staff_changes/{proposal}/withdraw", "Take back"
              " a change of an account.", withdraw, body=RulingForm, answer=ProposalDocument,
              **_OF_ONE, refusals=(*_DECIDED, "proposal_not_yours"),
              example={"note": "a better one follows"}),
)  # fmt: skip
