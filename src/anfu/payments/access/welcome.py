"""The first run: an installation nobody belongs to yet gives the link of its first administrator.

The link is good once, for a day, and until the next start gives another one. Once there is anybody
else of the staff, or the account is set up, there is none: whoever restarts a process makes no
administrators.
"""

from __future__ import annotations

from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.parties.access.queries import list_staff
from anfu.parties.access.staff import Invited, Staff, State
from anfu.payments.access.invite import COMMAND_LINE, invite_administrator, invite_again
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx

LOGIN, NAME = "admin", "首位管理员"
# Where the console sets an account up: the token behind # reaches no server and no log.
PATH = "/console/enlist#"


async def first_link(tools: Tools, origin: str, *, now: datetime) -> str | None:
    """The link to the console at `origin`, None where somebody belongs to the staff; the one before
    is good no more."""

    async def work(tx: Tx) -> Invited | None:
        staff = await list_staff(tx, most=2)
        if not staff:
            return await invite_administrator(tx, tools, LOGIN, NAME, now=now)
        if len(staff) == 1 and _is_ours(staff[0]):
            return await invite_again(tx, tools, staff[0].id, COMMAND_LINE, now=now)
        return None

    try:
        invited = await tools.database.run(work)
    except Refused as refusal:
        if refusal.code != "login_taken":
            raise
        return None  # another process has made it this very moment, and shows its own
    return None if invited is None else f"{origin}{PATH}{invited.invitation}"


def _is_ours(staff: Staff) -> bool:
    return (staff.login, staff.state, staff.invited_by) == (LOGIN, State.INVITED, COMMAND_LINE)
