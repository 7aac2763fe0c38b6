"""Items: their moves, each guarded by where they stood, and what is proposed about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.states import check_move
from anfu.settlement.reconciliation.item import MISMATCHES, MOVES, Item, State
from anfu.settlement.reconciliation.queries import (
    COLUMNS,
    TREATMENT_COLUMNS,
    item_of,
    treatment_of,
)
from anfu.settlement.reconciliation.treatment import Treatment
from anfu.storage.transaction import ConstraintViolated, Raced, Tx

_UNTREATED = sorted(MISMATCHES | {State.LONG, State.SHORT, State.DUPLICATE})
_ADVANCE = """
UPDATE settlement.item i
   SET state = m.after, our_state = m.our_state, by = m.by, tasked = m.tasked, updated_at = $7,
       entries = i.entries || string_to_array(m.entries, ',')
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[],
              $8::text[]) AS m (id, before, after, by, tasked, entries, our_state)
 WHERE i.id = m.id AND i.state = m.before
"""


async def lock_item(tx: Tx, *, item: str) -> Item:
    """Locked until the transaction ends. Raises Refused(item_not_found)."""
    found = await lock_items(tx, ids=[item])
    if not found:
        raise Refused("item_not_found", field="item")
    return found[0]


async def lock_items(tx: Tx, *, ids: Sequence[str]) -> list[Item]:
    """Those that exist, in order of id."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM settlement.item i WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE",
        list(ids),
    )
    return [item_of(row) for row in rows]


async def take_untreated(tx: Tx, *, channel: str, most: int) -> list[Item]:
    """Differences that nobody has been given and the policy has not treated, in order of id."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM settlement.item i WHERE channel = $1 AND state = ANY($2)"
        " AND NOT tasked ORDER BY id LIMIT $3",
        channel, _UNTREATED, most,
    )  # fmt: skip
    return [item_of(row) for row in rows]


async def ask_again(tx: Tx, *, channel: str) -> None:
    """Long items whose payment was still open when it was asked about, or was given up and the
    channel could not tell, are asked about anew."""
    await tx.execute(
        "UPDATE settlement.item SET tasked = false WHERE channel = $1 AND leg = 'TRADE'"
        " AND state = 'LONG' AND tasked AND our_state IN ('OPEN', 'NOT_DONE')",
        channel,
    )


async def advance(tx: Tx, *, moves: Sequence[tuple[Item, Item]], now: datetime) -> None:
    """Move items: (before, after); the entries of `after` beyond those of `before` are added.

    Raises BrokenInvariant for a move there is none of, Raced when one has moved meanwhile.
    """
    for before, after in moves:
        if before.state is not after.state:
            check_move(MOVES, before.state, after.state)
    done = await tx.execute(
        _ADVANCE,
        [before.id for before, _ in moves],
        [before.state for before, _ in moves],
        [after.state for _, after in moves],
        [after.by for _, after in moves],
        [after.tasked for _, after in moves],
        [",".join(after.entries[len(before.entries) :]) for before, after in moves],
        now,
        [after.our_state for _, after in moves],
    )
    if done != f"UPDATE {len(moves)}":
        raise Raced


async def insert_treatment(tx: Tx, *, treatment: Treatment) -> None:
    """Raises Refused(treatment_open) where another one waits."""
    waiting = await tx.fetchval(
        "SELECT id FROM settlement.treatment WHERE item = $1 AND state = 'PROPOSED'",
        treatment.item,
    )
    if waiting is not None:
        raise Refused("treatment_open", field="item", treatment=waiting)
    t = treatment
    try:
        await tx.execute(
            f"INSERT INTO settlement.treatment ({TREATMENT_COLUMNS})"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            t.id, t.item, t.act, t.target, t.reason, t.proposed_by, t.proposed_at, t.state,
            t.decided_by, t.decided_at,
        )  # fmt: skip
    except ConstraintViolated as error:
        raise Raced from error


async def lock_treatment(tx: Tx, *, treatment: str) -> Treatment:
    """Locked until the transaction ends. Raises Refused(treatment_not_found)."""
    row = await tx.fetchrow(
        f"SELECT {TREATMENT_COLUMNS} FROM settlement.treatment WHERE id = $1 FOR NO KEY UPDATE",
        treatment,
    )
    if row is None:
        raise Refused("treatment_not_found", field="treatment")
    return treatment_of(row)


async def decide_treatment(tx: Tx, *, treatment: Treatment) -> None:
    """Write how a treatment that the caller has locked was decided."""
    done = await tx.execute(
        "UPDATE settlement.treatment SET state = $2, decided_by = $3, decided_at = $4"
        " WHERE id = $1 AND state = 'PROPOSED'",
        treatment.id, treatment.state, treatment.decided_by, treatment.decided_at,
    )  # fmt: skip
    if done != "UPDATE 1":
        raise BrokenInvariant(f"{treatment.id} was decided before")
