"""Writes of applications and inquiries, and of the merchant an application makes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import Entropy, new_id
from anfu.kernel.states import check_move
from anfu.parties.applications.application import MOVES, Application, State, sealed_bytes
from anfu.parties.applications.inquiry import PREFIX, Inquiry, Registry
from anfu.parties.identity.verification import MOVES as REPLY_MOVES
from anfu.parties.identity.verification import Reply
from anfu.parties.identity.verification import State as ReplyState
from anfu.parties.keyring import Sealer
from anfu.parties.party import Status
from anfu.storage.transaction import Tx

# What the merchant is while its application is so.
_STATUS = {
    State.APPROVED: Status.ACTIVE,
    State.SUSPENDED: Status.SUSPENDED,
    State.REFUSED: Status.CLOSED,
    State.CLOSED: Status.CLOSED,
}


async def create(tx: Tx, *, application: Application, sealer: Sealer) -> None:
    """A draft, and the merchant it would make."""
    await tx.execute(
        "INSERT INTO parties.merchant (id, name, mcc, status, created_at)"
        " VALUES ($1, $2, $3, 'APPLIED', $4)",
        application.merchant, application.name, application.mcc, application.created_at,
    )  # fmt: skip
    await tx.execute(
        "INSERT INTO parties.application (id, merchant, state, legal_name, credit_code, scenes,"
        " sealed, document_until, written_by, created_at)"
        " VALUES ($1, $2, 'DRAFT', $3, $4, $5, $6, $7, $8, $9)",
        application.id, application.merchant, application.legal_name, application.credit_code,
        sorted(application.scenes), _sealed(application, sealer), application.document_until,
        application.written_by, application.created_at,
    )  # fmt: skip


async def rewrite(tx: Tx, *, application: Application, sealer: Sealer) -> None:
    """Other words in a draft, which the caller has locked."""
    await tx.execute(
        "UPDATE parties.application SET legal_name = $2, credit_code = $3, scenes = $4,"
        " sealed = $5, document_until = $6, written_by = $7 WHERE id = $1",
        application.id, application.legal_name, application.credit_code,
        sorted(application.scenes), _sealed(application, sealer), application.document_until,
        application.written_by,
    )  # fmt: skip
    await tx.execute(
        "UPDATE parties.merchant SET name = $2, mcc = $3 WHERE id = $1",
        application.merchant, application.name, application.mcc,
    )  # fmt: skip


async def move(tx: Tx, *, before: Application, after: Application, now: datetime) -> None:
    """`after` instead of `before`, which the caller has locked, and the merchant likewise.

    Raises Refused `application_exists` when the firm has another application on its way or is a
    merchant already.
    """
    if before.state is not after.state:
        check_move(MOVES, before.state, after.state)
    if before.state is State.DRAFT and after.state is State.SUBMITTED:
        await _check_alone(tx, after)
    by, at, reason = (None, None, None)
    if after.suspension is not None:
        by, at, reason = after.suspension.by, after.suspension.at, after.suspension.reason
    done = await tx.execute(
        "UPDATE parties.application SET state = $3, submitted_by = $4, decided_by = $5,"
        " decided_at = $6, refusal = $7, rating = $8, due_on = $9, visited_on = $10,"
        " suspended_by = $11, suspended_at = $12, suspended_for = $13, unverified_since = $14,"
        " document_until = $15 WHERE id = $1 AND state = $2",
        before.id, before.state, after.state, after.submitted_by, after.decided_by,
        after.decided_at, after.refusal, after.rating, after.due_on, after.visited_on,
        by, at, reason, after.unverified_since, after.document_until,
    )  # fmt: skip
    if done != "UPDATE 1":
        raise BrokenInvariant(f"{before.id} moved although it was locked")
    if after.state in _STATUS:
        overdue = after.state is State.SUSPENDED and after.unverified_since is not None
        await tx.execute(
            "UPDATE parties.merchant SET status = $2, overdue = $3,"
            " enrolled_at = CASE WHEN $2 = 'ACTIVE' THEN coalesce(enrolled_at, $4)"
            " ELSE enrolled_at END WHERE id = $1",
            after.merchant, _STATUS[after.state], overdue, now,
        )  # fmt: skip


async def _check_alone(tx: Tx, application: Application) -> None:
    # Two that are submitted at once wait here for each other.
    await tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 40))", application.credit_code
    )
    if await tx.fetchval(
        "SELECT 1 FROM parties.application WHERE credit_code = $1 AND id <> $2"
        " AND state NOT IN ('DRAFT', 'REFUSED', 'CLOSED')",
        application.credit_code, application.id,
    ):  # fmt: skip
        raise Refused("application_exists", field="credit_code")


async def ask(
    tx: Tx, *, application: str, registry: Registry, entropy: Entropy, now: datetime
) -> Inquiry:
    """A new question. Raises Refused `inquiry_open` while this registry has not answered."""
    id_ = new_id(PREFIX, now=now, entropy=entropy)
    done = await tx.execute(
        "INSERT INTO parties.inquiry (id, application, registry, state, attempts, asked_at)"
        " VALUES ($1, $2, $3, 'ASKED', 1, $4)"
        " ON CONFLICT (application, registry) WHERE state IN ('ASKED', 'UNKNOWN') DO NOTHING",
        id_, application, registry, now,
    )  # fmt: skip
    if done != "INSERT 0 1":
        raise Refused("inquiry_open", field="application", registry=registry.value)
    return Inquiry(id_, application, registry, 1, now, None, Reply(ReplyState.ASKED))


async def ask_again(tx: Tx, *, before: Inquiry, now: datetime) -> None:
    """The same question on its way once more; the caller has locked it."""
    check_move(REPLY_MOVES, before.reply.state, ReplyState.ASKED)
    await tx.execute(
        "UPDATE parties.inquiry SET state = 'ASKED', reason = NULL, asked_at = $2,"
        " attempts = attempts + 1 WHERE id = $1",
        before.id, now,
    )  # fmt: skip


async def answer(tx: Tx, *, inquiry: Inquiry, reply: Reply, now: datetime) -> Inquiry | None:
    """The question with its reply; None when another process has written one before."""
    check_move(REPLY_MOVES, ReplyState.ASKED, reply.state)
    answered = None if reply.state is ReplyState.UNKNOWN else now
    done = await tx.execute(
        "UPDATE parties.inquiry SET state = $2, answered_at = $3, reason = $4, source = $5,"
        " firm_state = $6 WHERE id = $1 AND state = 'ASKED' AND attempts = $7",
        inquiry.id, reply.state, answered, reply.reason, reply.source, reply.firm_state,
        inquiry.attempts,
    )  # fmt: skip
    if done != "UPDATE 1":
        return None
    return replace(inquiry, reply=reply, answered_at=answered)


def _sealed(application: Application, sealer: Sealer) -> bytes:
    return sealer.seal(sealed_bytes(application.particulars), bound_to=application.id)
