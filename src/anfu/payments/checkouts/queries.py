"""Reads of checkouts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import msgspec

from anfu.kernel.errors import Refused
from anfu.payments.checkouts.checkout import Checkout, Line, Offer, Standing, Try
from anfu.payments.checkouts.choose import Choosing
from anfu.payments.payment import State
from anfu.storage.transaction import Tx

CHECKOUT_NAMES = tuple(field.name for field in fields(Checkout))
CHECKOUT_COLUMNS = ", ".join(f'"{name}"' for name in CHECKOUT_NAMES)
_TRIES = (
    "SELECT c.checkout, c.payment, p.state, c.offer FROM payments.checkout_payment c"
    " JOIN payments.payment p ON p.id = c.payment"
    " WHERE c.checkout = ANY($1) ORDER BY c.checkout, c.number"
)


async def find_standings(tx: Tx, ids: Sequence[str], *, lock: bool = False) -> dict[str, Standing]:
    """Checkouts with their payments, by id. With `lock` until the commit nobody else begins a
    payment of any of them: the payments are read behind the lock."""
    rows = await tx.fetch(
        f"SELECT {CHECKOUT_COLUMNS} FROM payments.checkout WHERE id = ANY($1) ORDER BY id"
        + (" FOR UPDATE" if lock else ""),
        sorted(set(ids)),
    )
    tries: dict[str, list[Try]] = {row["id"]: [] for row in rows}
    for row in await tx.fetch(_TRIES, sorted(tries)) if tries else ():
        one = Try(row["payment"], State(row["state"]), row["offer"])
        tries[row["checkout"]].append(one)
    return {row["id"]: Standing(checkout_of(row), tuple(tries[row["id"]])) for row in rows}


async def lock_chosen(tx: Tx, choosings: Sequence[Choosing | None]) -> dict[str, Standing]:
    """The checkouts that were chosen on, locked; nothing is asked where there are none."""
    ids = [choosing.checkout for choosing in choosings if choosing is not None]
    return await find_standings(tx, ids, lock=True) if ids else {}


async def get_standing(
    tx: Tx, checkout: str, *, merchant: str | None, lock: bool = False
) -> Standing:
    """Raises Refused(checkout_not_found), also for a checkout of another merchant."""
    found = (await find_standings(tx, [checkout], lock=lock)).get(checkout)
    if found is None or merchant not in (None, found.checkout.payee):
        raise Refused("checkout_not_found", field="checkout")
    return found


async def list_standings(
    tx: Tx, limit: int, *, before: str | None, merchant: str | None
) -> list[Standing]:
    """A page of checkouts, the newest first."""
    rows = await tx.fetch(
        "SELECT id FROM payments.checkout WHERE ($1::text IS NULL OR id < $1)"
        " AND ($2::text IS NULL OR payee = $2) ORDER BY id DESC LIMIT $3",
        before,
        merchant,
        limit,
    )
    ids = [row["id"] for row in rows]
    found = await find_standings(tx, ids)
    return [found[id_] for id_ in ids]


async def list_return_origins(tx: Tx, merchant: str) -> list[str]:
    """The origins a merchant's payers may be sent back to, sorted."""
    rows = await tx.fetch(
        "SELECT origin FROM payments.return_origin WHERE merchant = $1 ORDER BY origin", merchant
    )
    return [row["origin"] for row in rows]


def checkout_of(row: Any) -> Checkout:
    """A row as a checkout."""
    values = {name: row[name] for name in CHECKOUT_NAMES}
    values["lines"] = msgspec.json.decode(row["lines"], type=tuple[Line, ...])
    values["offers"] = msgspec.json.decode(row["offers"], type=tuple[Offer, ...])
    return Checkout(**values)
