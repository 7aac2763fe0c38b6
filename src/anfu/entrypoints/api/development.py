"""The development outbox: one-time codes for somebody without a phone. Served only when the
operator has switched development mode on."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from anfu.channels.queries import list_development_messages
from anfu.entrypoints.api.documents import Id, Personal
from anfu.entrypoints.api.operation import Call, Operation
from anfu.payments.document import encode, rfc3339
from anfu.storage.idempotency import Answer


class MessageQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose messages."""

    to: Id = ""


class MessageDocument(Struct, frozen=True):
    """A message that would have gone to the customer's phone."""

    id: str
    object: Literal["message"]
    to: str
    kind: str
    text: Personal
    created_at: datetime


class MessageList(Struct, frozen=True):
    """The newest messages to one customer."""

    object: Literal["list"]
    data: list[MessageDocument]
    more: bool


async def messages(call: Call) -> Answer:
    """The newest."""
    tools = call.desk.tools
    async with tools.database.transaction(readonly=True) as tx:
        found = await list_development_messages(tx, recipient=call.query.to)
    call.saw(*(message.recipient for message in found))
    data = [
        {
            "id": message.id,
            "object": "message",
            "to": message.recipient,
            "kind": message.kind,
            "text": tools.sealer.ring.unseal(message.sealed, bound_to=message.id).decode(),
            "created_at": rfc3339(message.at),
        }
        for message in found
    ]
    return Answer(200, encode({"object": "list", "data": data, "more": False}))


OPERATIONS = (
    Operation("list_messages", "GET", "/v1/development/messages", "Read the one-time codes of a"
              " test installation.", messages, scope="customers:read", query=MessageQuery,
              answer=MessageList, institution=True, personal=True),
)  # fmt: skip
