"""Attach: a file comes to a case, for whoever says or reads what became of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import new_id
from anfu.parties.keyring import KeyRing
from anfu.parties.party import clean_text
from anfu.payments.document import encode, rfc3339
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk.cases import operations as cases
from anfu.risk.cases.attachments.attachment import (
    PREFIX,
    Attachment,
    MediaType,
    check_content,
)
from anfu.risk.cases.attachments.operations import insert_attachment
from anfu.risk.cases.case import State
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Attaching:
    """`by` attaches `content` to `case`: a file called `name`, and what it `shows`."""

    claim: Claim
    case: str
    by: str
    media_type: MediaType
    content: bytes
    name: str
    shows: str


async def attach(tools: Tools, wish: Attaching, *, now: datetime) -> Answer:
    """The attachment as the evidence keeps it, by its SHA-256 and without its words. Raises
    Refused: case_not_found, case_closed, name_invalid, attachment_empty, attachment_too_large,
    attachment_not_as_declared, and as idempotency does."""
    check_content(wish.media_type, wish.content)
    words = {"name": clean_text(wish.name, field="name"), "shows": wish.shows}

    async def work(tx: Tx) -> Answer:
        case = await cases.lock_case(tx, case=wish.case)
        if case.state is State.CLOSED:
            raise Refused("case_closed", field="case")
        id_, seal = new_id(PREFIX, now=now, entropy=tools.entropy), tools.sealer.seal
        attachment = Attachment(
            id_, case.id, now, wish.by, wish.media_type, len(wish.content),
            sha256(wish.content).digest(), seal(canonical_bytes(words), bound_to=id_),
        )  # fmt: skip
        content = seal(wish.content, bound_to=id_)
        await insert_attachment(tx, attachment=attachment, content=content)
        record = Record(now, tools.entropy)
        record.case(case, "ATTACHED", wish.by, attachment=id_, media_type=wish.media_type,
                    size=attachment.size, digest=attachment.digest.hex())  # fmt: skip
        await record.write(tx)
        return Answer(201, encode(attachment_document(attachment)))

    return await idempotency.once(tools.database, wish.claim, work, now=now)


def attachment_document(attachment: Attachment) -> dict[str, Any]:
    """An attachment as JSON values. No personal data."""
    return {
        "id": attachment.id,
        "object": "attachment",
        "case": attachment.case_id,
        "created_at": rfc3339(attachment.at),
        "by": attachment.by,
        "media_type": attachment.media_type,
        "size": attachment.size,
        "sha256": attachment.digest.hex(),
    }


def words_of(attachment: Attachment, ring: KeyRing) -> dict[str, str]:
    """Its `name` and what it `shows`, unsealed."""
    return dict(json.loads(ring.unseal(attachment.sealed, bound_to=attachment.id)))


def content_of(attachment: Attachment, sealed: bytes, ring: KeyRing) -> bytes:
    """Its content, unsealed. Raises BrokenInvariant where it is not what the evidence keeps."""
    content = ring.unseal(sealed, bound_to=attachment.id)
    if sha256(content).digest() != attachment.digest:
        raise BrokenInvariant(f"{attachment.id} is not what was attached")
    return content
