"""The access log: who read whose personal data, for compliance and audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import Id, Limit, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.parties.reads.queries import list_reads
from anfu.parties.reads.read import Read
from anfu.payments.document import rfc3339
from anfu.storage.idempotency import Answer


class ReadQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """What `person` read, and of the customer `subject`."""

    limit: Limit = 20
    after: Id | None = None
    person: Id | None = None
    subject: Id | None = None


class ReadDocument(Struct, frozen=True):
    """One answer with personal data in it. `why` is missing only for machines."""

    id: str
    object: Literal["access"]
    at: datetime
    caller: str
    person: str
    operation: str
    subjects: list[str]
    why: str | None
    address: str


class ReadList(Struct, frozen=True):
    """A page of the access log."""

    object: Literal["list"]
    data: list[ReadDocument]
    more: bool


async def list_(call: Call) -> Answer:
    """A page."""
    query: ReadQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await list_reads(
            tx, person=query.person, subject=query.subject, before=query.after,
            most=query.limit + 1,
        )  # fmt: skip
    return Answer(200, page([_document(read) for read in found], query.limit))


def _document(read: Read) -> dict[str, Any]:
    return {
        "id": read.id,
        "object": "access",
        "at": rfc3339(read.at),
        "caller": read.caller,
        "person": read.person,
        "operation": read.operation,
        "subjects": list(read.subjects),
        "why": read.why,
        "address": read.address,
    }


OPERATIONS = (
    Operation("list_access_log", "GET", "/v1/access-log", "Who read whose personal data, and why.",
              list_, scope="access:read", query=ReadQuery, answer=ReadList, institution=True),
)  # fmt: skip
