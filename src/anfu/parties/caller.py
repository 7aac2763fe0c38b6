"""A caller: who asks, by an API key or by a session of staff, and which person that is."""

from __future__ import annotations

from dataclasses import dataclass

from anfu.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class Caller:
    """`id` names the key or the session. `person` is who is meant wherever two people are needed:
    the account of staff, by whichever door it came; for a machine whoever had its key made.
    `staff_id` is the account, if it is one; `session` whether it came by a cookie; `emergency`
    whether the sealed envelope opened it."""

    id: str
    person: str
    merchant_id: str | None
    scopes: frozenset[str]
    staff_id: str | None = None
    session: bool = False
    emergency: bool = False

    def require(self, scope: str) -> None:
        """Raises Refused `scope_missing`."""
        if scope not in self.scopes:
            raise Refused("scope_missing", scope=scope)
