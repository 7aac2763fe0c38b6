"""Reads about consent, reveals and erasures."""

from __future__ import annotations

from datetime import date
from typing import Any

from anfu.kernel.errors import Refused
from anfu.parties.privacy.consent import LAW, Act, Consent, Purpose, Word, in_force
from anfu.parties.privacy.erasure import Erasure, State
from anfu.parties.privacy.reveal import Field, Reveal
from anfu.storage.transaction import Tx

# A customer and the onboarding it came by are one person.
_PERSONS = """
SELECT $1::text UNION SELECT id FROM parties.onboarding WHERE customer = $1
UNION SELECT customer FROM parties.onboarding WHERE id = $1 AND customer IS NOT NULL
"""


async def list_consents(tx: Tx, person: str) -> list[Consent]:
    """Everything a customer or an onboarding ever said, in the order it was said."""
    rows = await tx.fetch(
        f"SELECT * FROM parties.consent WHERE person IN ({_PERSONS}) ORDER BY seq", person
    )
    return [_consent(row) for row in rows]


async def require_consent(tx: Tx, person: str, purpose: Purpose) -> None:
    """Asked before each use. Raises Refused `consent_missing` with the article."""
    if purpose not in in_force(await list_consents(tx, person)):
        law, _ = LAW[purpose]
        raise Refused("consent_missing", field="consent", purpose=purpose.value, law=law)


async def list_reveals(
    tx: Tx, customer: str, *, before: str | None = None, most: int = 50
) -> list[Reveal]:
    """A page of who looked at a customer, newest first."""
    rows = await tx.fetch(
        "SELECT * FROM parties.reveal WHERE customer = $1 AND ($2::text IS NULL OR id < $2)"
        " ORDER BY id DESC LIMIT $3",
        customer, before, most,
    )  # fmt: skip
    return [
        Reveal(r["id"], r["customer"], Field(r["field"]), r["reason"], r["by"], r["at"])
        for r in rows
    ]


def _consent(row: Any) -> Consent:
    hashed = None if row["text_hash"] is None else row["text_hash"].hex()
    word = Word(
        Purpose(row["purpose"]), Act(row["act"]), row["separate"], row["text_version"], hashed
    )
    return Consent(row["id"], row["person"], word, row["by"], row["at"])


async def get_erasure(tx: Tx, erasure: str, *, lock: bool = False) -> Erasure:
    """Raises Refused `erasure_not_found`. `lock`: nobody else decides on it until the end."""
    row = await tx.fetchrow(
        f"SELECT * FROM parties.erasure WHERE id = $1{' FOR NO KEY UPDATE' if lock else ''}",
        erasure,
    )
    if row is None:
        raise Refused("erasure_not_found", field="erasure")
    return _erasure(row)


async def list_erasures(tx: Tx, *, before: str | None = None, most: int = 50) -> list[Erasure]:
    """A page, newest first."""
    rows = await tx.fetch(
        "SELECT * FROM parties.erasure WHERE $1::text IS NULL OR id < $1 ORDER BY id DESC LIMIT $2",
        before, most,
    )  # fmt: skip
    return [_erasure(row) for row in rows]


async def list_erasures_of(tx: Tx, customer: str) -> list[Erasure]:
    """All of one customer, oldest first."""
    rows = await tx.fetch("SELECT * FROM parties.erasure WHERE customer = $1 ORDER BY id", customer)
    return [_erasure(row) for row in rows]


async def list_due(tx: Tx, *, today: date, most: int) -> list[str]:
    """What no law keeps any more."""
    rows = await tx.fetch(
        "SELECT id FROM parties.erasure WHERE state = 'STORED' AND keep_until < $1"
        " ORDER BY keep_until LIMIT $2",
        today, most,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def list_undecided(tx: Tx, *, person: str, most: int) -> list[Erasure]:
    """Erasures nobody has decided on that `person` did not ask for, the oldest first."""
    rows = await tx.fetch(
        "SELECT * FROM parties.erasure WHERE state = 'REQUESTED' AND requested_by <> $1"
        " ORDER BY id LIMIT $2",
        person, most,
    )  # fmt: skip
    return [_erasure(row) for row in rows]


def _erasure(row: Any) -> Erasure:
    return Erasure(**{**row, "state": State(row["state"])})
