"""Writes about consent, reveals and erasures."""

from __future__ import annotations

from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.kernel.ids import Entropy, new_id
from anfu.kernel.states import check_move
from anfu.parties.keyring import Sealer
from anfu.parties.party import clean_text
from anfu.parties.privacy import consent, erasure, queries, reveal
from anfu.parties.privacy.consent import Consent, Word, check_word, in_force
from anfu.parties.privacy.erasure import MOVES, Erasure, State
from anfu.parties.privacy.reveal import Field, Reveal
from anfu.storage.transaction import Tx


async def record_consent(
    tx: Tx, *, person: str, word: Word, by: str, entropy: Entropy, now: datetime
) -> Consent:
    """One more record. Raises Refused as `check_word`."""
    standing = in_force(await queries.list_consents(tx, person))
    checked = check_word(word, in_force=word.purpose in standing)
    id_ = new_id(consent.PREFIX, now=now, entropy=entropy)
    await tx.execute(
        "INSERT INTO parties.consent (id, person, purpose, act, separate, text_version, text_hash,"
        " by, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id_, person, checked.purpose, checked.act, checked.separate, checked.text_version,
        None if checked.text_sha256 is None else bytes.fromhex(checked.text_sha256), by, now,
    )  # fmt: skip
    return Consent(id_, person, checked, by, now)


async def record_reveal(
    tx: Tx, *, customer: str, said: tuple[Field, str], by: str, entropy: Entropy, now: datetime
) -> Reveal:
    """One look at a field, with its reason. Raises Refused `reason_invalid`."""
    field, reason = said
    made = Reveal(
        id=new_id(reveal.PREFIX, now=now, entropy=entropy),
        customer=customer,
        field=field,
        reason=clean_text(reason, field="reason", longest=200),
        by=by,
        at=now,
    )
    await tx.execute(
        "INSERT INTO parties.reveal (id, customer, field, reason, by, at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        made.id, customer, field, made.reason, by, now,
    )  # fmt: skip
    return made


async def request_erasure(
    tx: Tx, *, customer: str, reason: str, by: str, entropy: Entropy, now: datetime
) -> Erasure:
    """A wish that waits for a second person. Raises Refused `erasure_open` for a second wish and
    `reason_invalid`."""
    made = Erasure(
        id=new_id(erasure.PREFIX, now=now, entropy=entropy),
        customer=customer,
        state=State.REQUESTED,
        reason=clean_text(reason, field="reason", longest=200),
        requested_by=by,
        requested_at=now,
    )
    done = await tx.execute(
        "INSERT INTO parties.erasure (id, customer, state, reason, requested_by, requested_at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        made.id, customer, made.state, made.reason, by, now,
    )  # fmt: skip
    if done != "INSERT 0 1":
        raise Refused("erasure_open", field="customer")
    return made


async def decide_erasure(tx: Tx, *, before: Erasure, after: Erasure) -> None:
    """`after` instead of `before`, which the caller has locked."""
    check_move(MOVES, before.state, after.state)
    await tx.execute(
        "UPDATE parties.erasure SET state = $2, decided_by = $3, decided_at = $4, answer = $5,"
        " last_used_at = $6, keep_until = $7, erased_at = $8 WHERE id = $1",
        after.id, after.state, after.decided_by, after.decided_at, after.answer,
        after.last_used_at, after.keep_until, after.erased_at,
    )  # fmt: skip


async def keep_longer(tx: Tx, *, erasure: Erasure) -> None:
    """Its last day as it is now known; the caller has locked it."""
    await tx.execute(
        "UPDATE parties.erasure SET last_used_at = $2, keep_until = $3 WHERE id = $1",
        erasure.id, erasure.last_used_at, erasure.keep_until,
    )  # fmt: skip


async def store_person(tx: Tx, *, customer: str, sealer: Sealer, now: datetime) -> None:
    """From now on what is kept of a customer is only stored; what no law keeps is gone: the
    opener's reference and the captures of a face."""
    await tx.execute(
        "UPDATE parties.customer SET status = 'CLOSED', stored_since = $2, reference = NULL"
        " WHERE id = $1",
        customer, now,
    )  # fmt: skip
    await tx.execute(
        "UPDATE parties.onboarding SET stored_since = $2 WHERE customer = $1", customer, now
    )
    rows = await tx.fetch(
        "SELECT v.id FROM parties.verification v JOIN parties.onboarding o ON o.id = v.onboarding"
        " WHERE o.customer = $1 AND v.kind = 'FACE'",
        customer,
    )
    await empty(tx, table="parties.verification", ids=[row["id"] for row in rows], sealer=sealer)


async def erase_person(tx: Tx, *, customer: str, sealer: Sealer) -> None:
    """Nothing of a stored person is left: sealed values are emptied, indexes are random. The ids
    stay, since books and evidence name them."""
    onboardings = [
        row["id"]
        for row in await tx.fetch("SELECT id FROM parties.onboarding WHERE customer = $1", customer)
    ]
    asked = await tx.fetch(
        "SELECT id FROM parties.verification WHERE onboarding = ANY($1)", onboardings
    )
    await empty(tx, table="parties.verification", ids=[row["id"] for row in asked], sealer=sealer)
    await empty(tx, table="parties.onboarding", ids=onboardings, sealer=sealer)
    await empty(tx, table="parties.customer", ids=[customer], sealer=sealer)
    await tx.execute(
        "UPDATE parties.customer SET phone_index = $2, document_index = $3 WHERE id = $1",
        customer, sealer.entropy.bytes(32), sealer.entropy.bytes(32),
    )  # fmt: skip
    for onboarding in onboardings:
        await tx.execute(
            "UPDATE parties.onboarding SET document_index = $2 WHERE id = $1",
            onboarding, sealer.entropy.bytes(32),
        )  # fmt: skip


async def empty(tx: Tx, *, table: str, ids: list[str], sealer: Sealer) -> None:
    """Nothing is left in the sealed values of these rows."""
    await tx.execute(
        f"UPDATE {table} AS t SET sealed = n.sealed"
        " FROM unnest($1::text[], $2::bytea[]) AS n (id, sealed) WHERE t.id = n.id",
        ids, [sealer.seal(b"", bound_to=id_) for id_ in ids],
    )  # fmt: skip
