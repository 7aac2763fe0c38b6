"""A member of the staff (员工): an account from the invitation to its end."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from anfu.kernel.errors import Refused
from anfu.kernel.states import Moves
from anfu.parties.access.role import scopes_of
from anfu.parties.secret import FORM

PREFIX = "stf"
INVITATION_PREFIX = "inv"
INVITATION = timedelta(hours=24)
ADMIN = "admin"
# With fewer administrators nobody could approve what the other one proposes.
ADMINS_LEAST = 2
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,62}")
_INVITATION = re.compile(rf"{INVITATION_PREFIX}_{FORM}")


class State(StrEnum):
    """INVITED: has a link, or may be given one. WAITING: has set up what to prove with, and a
    second administrator has to say who it is. DISABLED: signs in no more."""

    INVITED = "INVITED"
    WAITING = "WAITING"
    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"


MOVES: Moves[State] = MappingProxyType(
    {
        State.INVITED: frozenset({State.WAITING, State.ACTIVE, State.DISABLED}),
        State.WAITING: frozenset({State.ACTIVE, State.INVITED, State.DISABLED}),
        State.ACTIVE: frozenset({State.DISABLED, State.INVITED}),
        State.DISABLED: frozenset({State.ACTIVE, State.INVITED}),
    }
)


class Change(StrEnum):
    """What a second administrator has to approve. RESET: what the person proves with is no more;
    a new invitation sets it up anew. SUBJECT: who the person is at the identity provider."""

    ENABLE = "ENABLE"
    ROLES = "ROLES"
    RESET = "RESET"
    SUBJECT = "SUBJECT"


# The states in which each change can be made.
CHANGES: Mapping[Change, frozenset[State]] = MappingProxyType(
    {
        Change.ENABLE: frozenset({State.WAITING, State.DISABLED}),
        Change.ROLES: frozenset(State),
        Change.RESET: frozenset({State.WAITING, State.ACTIVE, State.DISABLED}),
        Change.SUBJECT: frozenset(State),
    }
)


@dataclass(frozen=True, slots=True)
class Staff:
    """One account. `invited_by` is a person, or `command line`."""

    id: str
    login: str
    name: str
    roles: tuple[str, ...]
    state: State
    invited_by: str
    created_at: datetime
    invitation_until: datetime | None = None
    subject: str | None = None

    @property
    def scopes(self) -> frozenset[str]:
        """What it may do while it is ACTIVE."""
        return scopes_of(self.roles) if self.state is State.ACTIVE else frozenset()


@dataclass(frozen=True, slots=True)
class NewStaff:
    """An order, by the person `by`, to make an account."""

    login: str
    name: str
    roles: tuple[str, ...]
    by: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A change of an account: for ROLES all it shall have, for SUBJECT which."""

    staff_id: str
    change: Change
    roles: tuple[str, ...] = ()
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Invited:
    """An account with its one-time link, which is shown this once."""

    staff: Staff
    invitation: str = field(repr=False)


def parse_login(text: str) -> str:
    """The one spelling of a login. Raises Refused `login_invalid`."""
    login = unicodedata.normalize("NFKC", text).strip().lower()
    if _LOGIN.fullmatch(login) is None:
        raise Refused("login_invalid", field="login")
    return login


def is_invitation(text: str) -> bool:
    """Whether `text` has the form of an invitation."""
    return _INVITATION.fullmatch(text) is not None


def check_change(staff: Staff, change: Change) -> None:
    """Raises Refused `staff_state` when the account is not in a state for that."""
    if staff.state not in CHANGES[change]:
        raise Refused("staff_state", field="staff", state=staff.state)
