"""Writes of showings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anfu.payments.showings.showing import Showing
from anfu.storage.transaction import Tx


async def insert_showing(tx: Tx, *, showing: Showing) -> None:
    """Write a new showing."""
    means = showing.means
    await tx.execute(
        "INSERT INTO payments.showing (id, customer, method, card, debit, verified_by, factors,"
        " session, opened_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        showing.id, showing.customer, means.method, means.card, means.debit, means.verified_by,
        list(showing.factors), showing.session, showing.opened_at, showing.ends_at,
    )  # fmt: skip


async def issue_code(tx: Tx, *, showing: str, digest: bytes, expires_at: datetime) -> None:
    """Write the next code of a showing that is locked."""
    await tx.execute(
        "WITH s AS (UPDATE payments.showing SET issued = issued + 1 WHERE id = $1"
        " RETURNING id, issued)"
        " INSERT INTO payments.shown_code (digest, showing, number, expires_at)"
        " SELECT $2, id, issued, $3 FROM s",
        showing,
        digest,
        expires_at,
    )


async def spend_codes(tx: Tx, *, rows: Sequence[tuple[bytes, str]]) -> None:
    """Note what was paid (digest, payment) with codes whose showings are locked: all codes they
    have shown until now are over."""
    if rows:
        await tx.execute(
            "WITH c AS (UPDATE payments.shown_code c SET payment = t.payment"
            " FROM unnest($1::bytea[], $2::text[]) AS t (digest, payment)"
            " WHERE c.digest = t.digest RETURNING c.showing)"
            " UPDATE payments.showing s SET spent = s.issued FROM c WHERE s.id = c.showing",
            [digest for digest, _ in rows],
            [payment for _, payment in rows],
        )


async def forget_showings(tx: Tx, *, before: datetime) -> None:
    """Drop showings that began earlier, with their codes."""
    await tx.execute("DELETE FROM payments.showing WHERE opened_at < $1", before)
