"""The staff of the institution: for each role somebody with a session, signed in over HTTP with
password and passkey.

That a second administrator lets an account in is skipped: the database's owner does it, which
nobody else can.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
from tests.attack.caller import Caller
from tests.journey.access.steps import Member

from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SystemEntropy
from anfu.parties.access.operations import create_staff
from anfu.parties.access.role import ROLES
from anfu.parties.access.staff import NewStaff
from anfu.storage.transaction import Tx

if TYPE_CHECKING:
    from tests.attack.place import Place

_WHY = {"Anfu-Reason": "attack"}


@dataclass(frozen=True, slots=True)
class Staff(Caller):
    """Somebody at a browser, who says why he reads."""

    member: Member | None = None

    async def ask(self, method: str, target: str, body: Any = None, **more: Any) -> httpx.Response:
        """As the console asks: with the cookie and the page's token."""
        assert self.member is not None
        if method == "GET":
            return await self.member.get(target, _WHY | more.get("headers", {}))
        return await self.member.post(target, body, more.get("headers"))


async def crew_of(place: Place) -> dict[str, Staff]:
    """Role -> who has it alone. Signed in once a place."""
    if not place.crew:
        place.crew = {role: await _hired(place, role) for role in ROLES}
    return place.crew


async def _hired(place: Place, role: str) -> Staff:
    now, login = datetime.now(UTC), f"{role}.one"

    async def work(tx: Tx) -> str:
        order = NewStaff(login, role, (role,), "command line")
        made = await create_staff(tx, order=order, entropy=SystemEntropy(), now=now)
        return made.invitation

    member = Member(place.http, ManualClock(now), login)  # a passkey needs no clock
    done = await member.enlist(await place.store.database.run(work), passkey=True)
    assert done.is_success, done.text
    await place.owner.execute(
        "UPDATE parties.staff SET state = 'ACTIVE' WHERE login = $1", login
    )  # fmt: skip
    assert (await member.sign_in()).is_success
    return Staff(place.http, member=member)
