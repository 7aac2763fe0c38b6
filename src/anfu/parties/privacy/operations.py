"""Writes about consent, reveals and erasures."""

from __future__ import annotations

from datetime import datetime

from anfu.kernel.ids import Entropy, new_id
from anfu.parties.party import clean_text
from anfu.parties.privacy import consent, queries, reveal
from anfu.parties.privacy.consent import Consent, Word, check_word, in_force
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
