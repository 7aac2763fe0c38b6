"""Writes of envelopes."""

from __future__ import annotations

from datetime import datetime

from anfu.kernel.ids import new_id
from anfu.parties.access.role import EMERGENCY
from anfu.parties.access.staff import PREFIX as STAFF
from anfu.parties.access.staff import Staff, State
from anfu.parties.emergency.envelope import LIFETIME, PREFIX, SECRET_PREFIX, Opening
from anfu.parties.keyring import Sealer
from anfu.parties.secret import new_secret, secret_hash
from anfu.storage.transaction import Tx

_NAME = "Emergency 应急"


async def make_envelope(tx: Tx, *, sealer: Sealer, now: datetime) -> tuple[str, str]:
    """A new envelope's id and secret. One that was not opened until now is void: there is one
    envelope, and whoever keeps it knows whether it is whole."""
    await tx.execute(
        "UPDATE parties.emergency SET voided_at = $1 WHERE opened_at IS NULL AND voided_at IS NULL",
        now,
    )
    id_ = new_id(PREFIX, now=now, entropy=sealer.entropy)
    secret = new_secret(SECRET_PREFIX, entropy=sealer.entropy)
    await tx.execute(
        "INSERT INTO parties.emergency (id, secret_hash, made_at) VALUES ($1, $2, $3)",
        id_, secret_hash(secret), now,
    )  # fmt: skip
    return id_, secret


async def open_envelope(
    tx: Tx, *, envelope: str, opening: Opening, address: str, sealer: Sealer, now: datetime
) -> Staff:
    """The account of a locked envelope. It has no password: when its session ends it is shut."""
    id_ = new_id(STAFF, now=now, entropy=sealer.entropy)
    staff = Staff(
        id_, f"emergency.{id_.removeprefix(STAFF + '_')}", _NAME, (EMERGENCY,), State.ACTIVE,
        envelope, now,
    )  # fmt: skip
    await tx.execute(
        "INSERT INTO parties.staff (id, login, name, roles, state, invited_by, created_at,"
        " changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        staff.id, staff.login, staff.name, list(staff.roles), staff.state, envelope, now,
    )  # fmt: skip
    await tx.execute(
        "UPDATE parties.emergency SET opened_at = $2, ends_at = $3, staff_id = $4, address = $5,"
        " sealed = $6 WHERE id = $1",
        envelope, now, now + LIFETIME, staff.id, address,
        sealer.seal(opening.plain, bound_to=envelope),
    )  # fmt: skip
    return staff


async def close_envelope(tx: Tx, *, envelope: str, now: datetime) -> None:
    """It is over."""
    await tx.execute("UPDATE parties.emergency SET closed_at = $2 WHERE id = $1", envelope, now)
