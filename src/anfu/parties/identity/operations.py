"""Writes of onboardings and verifications."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import new_id
from anfu.kernel.states import check_move
from anfu.parties.customer import document_index
from anfu.parties.identity.onboarding import MOVES as ONBOARDING_MOVES
from anfu.parties.identity.onboarding import PREFIX as ONBOARDING
from anfu.parties.identity.onboarding import Onboarding
from anfu.parties.identity.onboarding import State as OnboardingState
from anfu.parties.identity.verification import (
    MOVES,
    PREFIX,
    FirmKind,
    Kind,
    Particulars,
    Reply,
    State,
    Verification,
)
from anfu.parties.keyring import Sealer
from anfu.parties.person import Person, person_bytes
from anfu.storage.transaction import Tx


async def apply(
    tx: Tx, *, person: Person, document_until: date, opened_by: str | None, sealer: Sealer,
    now: datetime,
) -> Onboarding:  # fmt: skip
    """A new application. Raises Refused `customer_exists` and `onboarding_exists` when the
    document is known (43号 art. 6)."""
    index = document_index(sealer.ring, person.document)
    if await tx.fetchval("SELECT 1 FROM parties.customer WHERE document_index = $1", index):
        raise Refused("customer_exists", field="document")
    id_ = new_id(ONBOARDING, now=now, entropy=sealer.entropy)
    done = await tx.execute(
        "INSERT INTO parties.onboarding (id, state, opened_by, document_until, created_at, sealed,"
        " document_index) VALUES ($1, 'APPLIED', $2, $3, $4, $5, $6)"
        " ON CONFLICT (document_index) DO NOTHING",
        id_, opened_by, document_until, now, sealer.seal(person_bytes(person), bound_to=id_),
        index,
    )  # fmt: skip
    if done != "INSERT 0 1":
        raise Refused("onboarding_exists", field="document")
    return Onboarding(id_, OnboardingState.APPLIED, person, None, opened_by, document_until, now)


async def move(tx: Tx, *, before: Onboarding, after: Onboarding) -> None:
    """`after` instead of `before`, which the caller has locked."""
    if before.state is not after.state:
        check_move(ONBOARDING_MOVES, before.state, after.state)
    done = await tx.execute(
        "UPDATE parties.onboarding SET state = $3, customer = $4, document_until = $5"
        " WHERE id = $1 AND state = $2",
        before.id, before.state, after.state, after.customer, after.document_until,
    )  # fmt: skip
    if done != "UPDATE 1":
        raise BrokenInvariant(f"{before.id} moved although it was locked")
    if after.customer is not None:
        await tx.execute(
            "UPDATE parties.customer SET document_until = $2 WHERE id = $1",
            after.customer, after.document_until,
        )  # fmt: skip


async def suspend_customer(tx: Tx, *, onboarding: Onboarding) -> None:
    """Nothing confirms this customer any more. Who is suspended by hand stays so by hand."""
    await tx.execute(
        "UPDATE parties.customer SET status = 'SUSPENDED', suspended_by = $2"
        " WHERE id = $1 AND status = 'ACTIVE'",
        onboarding.customer, onboarding.id,
    )  # fmt: skip


async def restore_customer(tx: Tx, *, onboarding: Onboarding) -> None:
    """Lifts the suspension this onboarding caused, and no other."""
    await tx.execute(
        "UPDATE parties.customer SET status = 'ACTIVE', suspended_by = NULL"
        " WHERE id = $1 AND suspended_by = $2",
        onboarding.customer, onboarding.id,
    )  # fmt: skip


async def ask(
    tx: Tx, *, about: str, kind: Kind | FirmKind, particulars: Particulars, sealer: Sealer,
    now: datetime,
) -> Verification:  # fmt: skip
    """A new question about an onboarding, or about a firm where the kind is one of firms.
    Raises Refused `verification_open` while one of this kind has no answer."""
    id_ = new_id(PREFIX, now=now, entropy=sealer.entropy)
    until = particulars.document_until
    plain = canonical_bytes(
        {"v": 1, "card": particulars.card, "capture": particulars.capture,
         "document_until": None if until is None else until.isoformat(),
         "bank_account": particulars.bank_account}
    )  # fmt: skip
    subject = "firm" if isinstance(kind, FirmKind) else "onboarding"
    done = await tx.execute(
        f"INSERT INTO parties.verification (id, {subject}, kind, state, attempts, asked_at, sealed)"
        " VALUES ($1, $2, $3, 'ASKED', 1, $4, $5)"
        f" ON CONFLICT ({subject}, kind) WHERE state IN ('ASKED', 'UNKNOWN') DO NOTHING",
        id_, about, kind, now, sealer.seal(plain, bound_to=id_),
    )  # fmt: skip
    if done != "INSERT 0 1":
        raise Refused("verification_open", field="kind", kind=kind.value)
    return Verification(id_, about, kind, 1, now, None, Reply(State.ASKED))


async def ask_again(tx: Tx, *, before: Verification, now: datetime) -> Verification:
    """The same question on its way once more; the caller has locked it."""
    check_move(MOVES, before.reply.state, State.ASKED)
    await tx.execute(
        "UPDATE parties.verification SET state = 'ASKED', reason = NULL, asked_at = $2,"
        " attempts = attempts + 1 WHERE id = $1",
        before.id, now,
    )  # fmt: skip
    return replace(before, attempts=before.attempts + 1, asked_at=now, reply=Reply(State.ASKED))


async def answer(
    tx: Tx, *, verification: Verification, reply: Reply, now: datetime
) -> Verification | None:
    """The question with its reply; None when another process has written one before."""
    check_move(MOVES, State.ASKED, reply.state)
    answered = None if reply.state is State.UNKNOWN else now
    done = await tx.execute(
        "UPDATE parties.verification SET state = $2, answered_at = $3, reason = $4, source = $5,"
        " bank_grade = $6, firm_state = $7 WHERE id = $1 AND state = 'ASKED' AND attempts = $8",
        verification.id, reply.state, answered, reply.reason, reply.source, reply.bank_grade,
        reply.firm_state, verification.attempts,
    )  # fmt: skip
    return replace(verification, reply=reply, answered_at=answered) if done == "UPDATE 1" else None
