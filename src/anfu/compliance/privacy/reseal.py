"""Reseal: bring every sealed value under the active key, batch by batch.

A batch is a transaction. A process that is killed loses its batch and nothing else; the next run
finds what is left by the version every value carries. Values written meanwhile by a process with an
older ring are found by the next run, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from anfu.compliance.privacy.sealed import SEALED
from anfu.kernel.errors import Refused
from anfu.parties.keyring import KeyRing, Sealer
from anfu.storage.database import Database
from anfu.storage.sealed import Rewritten, SealedColumn, count_by_version, rewrite
from anfu.storage.transaction import Tx

Counts = Mapping[SealedColumn, Mapping[int, int]]


async def count_sealed(database: Database) -> Counts:
    """How many values of each column each version of the key ring sealed."""
    counts = {}
    for column in SEALED:
        async with database.transaction(readonly=True) as tx:
            counts[column] = await count_by_version(tx, column)
    return counts


def by_version(counts: Counts) -> dict[int, int]:
    """The same over all columns."""
    totals: dict[int, int] = {}
    for column in counts.values():
        for version, count in column.items():
            totals[version] = totals.get(version, 0) + count
    return dict(sorted(totals.items()))


async def reseal(
    database: Database, sealer: Sealer, told: Callable[[int], None], *, most: int = 500
) -> int:
    """How many values were resealed, `most` in one transaction or fewer where they are large;
    `told` hears of each batch.
    Raises BrokenInvariant for a value that does not open."""
    ring, total = sealer.ring, 0

    def change(id_: str, value: bytes) -> bytes:
        return sealer.seal(ring.unseal(value, bound_to=id_), bound_to=id_)

    for column in SEALED:
        after: str | None = ""
        while after is not None:

            async def batch(tx: Tx, column: SealedColumn = column, after: str = after) -> Rewritten:
                return await rewrite(
                    tx, column, change, version=ring.active, after=after,
                    most=min(most, column.most),
                )  # fmt: skip

            done = await database.run(batch)
            total, after = total + done.count, done.last
            told(done.count)
    return total


def check_unused(ring: KeyRing, version: int, counts: Counts) -> None:
    """Whether a version may be forgotten. Raises Refused `data_key_unknown`, `data_key_active`,
    `data_key_in_use` with how many values it still seals."""
    if version not in ring.versions:
        raise Refused("data_key_unknown", field="version", known=list(ring.versions))
    if version == ring.active:
        raise Refused("data_key_active", field="version")
    if used := by_version(counts).get(version, 0):
        raise Refused("data_key_in_use", field="version", count=used)
