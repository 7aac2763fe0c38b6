"""Reads of showings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anfu.kernel.errors import Refused
from anfu.payments.showings.showing import Means, Showing, ShownCode
from anfu.payments.showings.spend import Codes, Scanned
from anfu.storage.transaction import Tx

_SHOWING = (
    "s.id, s.customer, s.method, s.card, s.debit, s.verified_by, s.factors, s.session, s.issued,"
    " s.spent, s.opened_at, s.ends_at"
)


async def get_showing(tx: Tx, showing: str, *, lock: bool = False) -> Showing:
    """Raises Refused(showing_not_found)."""
    row = await tx.fetchrow(
        f"SELECT {_SHOWING} FROM payments.showing s WHERE s.id = $1"
        + (" FOR UPDATE" if lock else ""),
        showing,
    )
    if row is None:
        raise Refused("showing_not_found", field="showing")
    return _showing(row)


async def find_codes(
    tx: Tx, digests: Sequence[bytes], *, lock: bool = False
) -> dict[bytes, ShownCode]:
    """Codes with their showings, by digest. With `lock` nobody else spends or issues a code of any
    of these showings until the commit."""
    rows = await tx.fetch(
        f"SELECT c.digest, c.number, c.expires_at, {_SHOWING} FROM payments.shown_code c"
        " JOIN payments.showing s ON s.id = c.showing WHERE c.digest = ANY($1) ORDER BY s.id"
        + (" FOR UPDATE OF s" if lock else ""),
        list(digests),
    )
    return {
        r["digest"]: ShownCode(r["digest"], r["number"], r["expires_at"], _showing(r)) for r in rows
    }


async def lock_scanned(tx: Tx, scanned: Sequence[Scanned | None]) -> Codes:
    """The codes that were scanned, their showings locked; nothing is asked where there are none."""
    digests = [one.digest for one in scanned if one is not None]
    return Codes(await find_codes(tx, digests, lock=True) if digests else {}, set())


async def find_last_payment(tx: Tx, showing: str) -> str | None:
    """The id of what was paid last with a code of the showing."""
    found: str | None = await tx.fetchval(
        "SELECT payment FROM payments.shown_code WHERE showing = $1 AND payment IS NOT NULL"
        " ORDER BY number DESC LIMIT 1",
        showing,
    )
    return found


def _showing(row: Any) -> Showing:
    return Showing(
        id=row["id"],
        customer=row["customer"],
        means=Means(row["method"], row["card"], row["debit"], row["verified_by"]),
        factors=tuple(row["factors"]),
        session=row["session"],
        opened_at=row["opened_at"],
        ends_at=row["ends_at"],
        issued=row["issued"],
        spent=row["spent"],
    )
