"""What waits for me: everything that takes a second person, and I may be that person."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import TitleDocument
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.waiting_kinds import KINDS, Asked, Found, Kind, Name
from anfu.kernel.errors import Refused
from anfu.parties.access.queries import find_logins
from anfu.payments.document import encode, rfc3339
from anfu.risk.proposals.proposal import check_two_people
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx


class WaitingQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The oldest `limit`; of one `kind` when it is named."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 100
    kind: Name | None = None


class WaitingDocument(Struct, frozen=True):
    """Something the caller may decide on: proposed by somebody else, `by` (with the `login`, where
    that is an account), and waiting `since`. `path`: where it is read."""

    id: str
    object: Literal["waiting"]
    kind: Name
    about: str
    path: str
    title: TitleDocument
    by: str | None
    login: str | None
    since: datetime
    detail: dict[str, Any]


class WaitingList(Struct, frozen=True):
    """The oldest first; `more`: there are others, which come up as these are decided."""

    object: Literal["list"]
    data: list[WaitingDocument]
    more: bool


async def list_(call: Call) -> Answer:
    """What the scopes of the caller let it decide on, and it has not proposed itself."""
    query: WaitingQuery = call.query
    tools = call.desk.tools
    asked = Asked(call.person, call.now, query.limit + 1, tools.sealer.ring)
    kinds = [k for k in KINDS if k.scope in call.by.scopes and query.kind in (None, k.name)]
    async with tools.database.transaction(readonly=True) as tx:
        found = [(k, one) for k in kinds for one in await k.find(tx, asked)]
        mine = [(k, one) for k, one in found if _may_decide(one, call.person)]
        mine.sort(key=lambda pair: (pair[1].since, pair[1].id))
        logins = await _logins(tx, mine)
    data = [_document(kind, one, logins) for kind, one in mine[: query.limit]]
    return Answer(200, encode({"object": "list", "data": data, "more": len(mine) > query.limit}))


def _may_decide(found: Found, person: str) -> bool:
    try:
        check_two_people(found.by or "", person, field="person")
    except Refused:
        return False
    return True


async def _logins(tx: Tx, found: list[tuple[Kind, Found]]) -> dict[str, str]:
    return await find_logins(tx, sorted({one.by for _, one in found if one.by is not None}))


def _document(kind: Kind, found: Found, logins: dict[str, str]) -> dict[str, Any]:
    return {
        "id": found.id,
        "object": "waiting",
        "kind": kind.name,
        "about": found.about,
        "path": kind.path.format(id=found.id, about=found.about),
        "title": {"en": kind.en, "zh": kind.zh},
        "by": found.by,
        "login": None if found.by is None else logins.get(found.by),
        "since": rfc3339(found.since),
        "detail": found.detail,
    }


OPERATIONS = (
    Operation("list_waiting", "GET", "/v1/waiting", "List what waits for a second person, whom the"
              " caller may be.", list_, session=True, query=WaitingQuery, answer=WaitingList,
              institution=True),
)  # fmt: skip
