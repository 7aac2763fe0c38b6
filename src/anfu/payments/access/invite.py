"""Invite: an account is made by one administrator, or at the command line, and let in by another.

The link is shown once, to whoever invites. It would let him set the account up himself: so the
account is good for nothing until a second administrator has said who stands behind it.
"""

from __future__ import annotations

from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.parties.access import operations
from anfu.parties.access.queries import get_staff, lock_admins
from anfu.parties.access.staff import ADMIN, ADMINS_LEAST, Change, Invited, NewStaff, State, Wish
from anfu.payments.access.amend import propose_change
from anfu.payments.access.document import staff_known
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx

COMMAND_LINE = "command line"


async def invite(tx: Tx, tools: Tools, wish: NewStaff, *, now: datetime) -> Invited:
    """The account and its link; that it be let in is proposed at once. Raises Refused as
    `create_staff`."""
    invited = await operations.create_staff(tx, order=wish, entropy=tools.entropy, now=now)
    record = Record(now, tools.entropy)
    record.access("staff.invited", invited.staff.id, staff_known(invited.staff, wish.by))
    await record.write(tx)
    if wish.by != COMMAND_LINE:
        await propose_change(tx, tools, Wish(invited.staff.id, Change.ENABLE), wish.by, now=now)
    return invited


async def invite_again(tx: Tx, tools: Tools, staff_id: str, by: str, *, now: datetime) -> Invited:
    """A new link, for an account whose link ran out or whose factors were reset. Raises Refused
    `staff_not_found`, `staff_state`."""
    staff = await get_staff(tx, staff_id, lock=True)
    invited = await operations.invite(tx, staff=staff, entropy=tools.entropy, now=now)
    record = Record(now, tools.entropy)
    record.access("staff.invited", staff.id, staff_known(invited.staff, by))
    await record.write(tx)
    if by != COMMAND_LINE:
        await propose_change(tx, tools, Wish(staff.id, Change.ENABLE), by, now=now)
    return invited


async def invite_administrator(
    tx: Tx, tools: Tools, login: str, name: str, *, now: datetime
) -> Invited:
    """An administrator made at the command line, while there are not two who could approve one
    another. Raises Refused `administrators_enough`, and as `create_staff`."""
    if len(await lock_admins(tx)) >= ADMINS_LEAST:
        raise Refused("administrators_enough", least=ADMINS_LEAST)
    return await invite(tx, tools, NewStaff(login, name, (ADMIN,), COMMAND_LINE), now=now)


async def disable(tx: Tx, tools: Tools, staff_id: str, by: str, *, now: datetime) -> None:
    """The account signs in no more, and its sessions and keys end: at once, by one person. Raises
    Refused `staff_not_found`, `staff_state`, `last_administrator`."""
    staff = await get_staff(tx, staff_id, lock=True)
    after = await operations.move_staff(tx, staff=staff, state=State.DISABLED, now=now)
    record = Record(now, tools.entropy)
    record.access("staff.disabled", staff.id, staff_known(after, by))
    await record.write(tx)
