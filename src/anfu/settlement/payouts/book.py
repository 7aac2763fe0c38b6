"""Book: what the bank said of payouts, in the ledger and in their states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from anfu.channels.banks.port import Booking, Report, Said, Status
from anfu.kernel.errors import BrokenInvariant
from anfu.ledger import operations as ledger
from anfu.ledger.entry import EntryOrder
from anfu.payments.fund import balance_key, bank_key
from anfu.payments.record import Record
from anfu.payments.tasks.hand_out import open_task
from anfu.payments.tasks.task import TaskKind
from anfu.payments.tools import Tools
from anfu.settlement.accounts import payouts_key
from anfu.settlement.payouts import operations, queries
from anfu.settlement.payouts.document import payout_document
from anfu.settlement.payouts.payout import PAID, RETURN, Payout, State
from anfu.storage.transaction import Tx

_OPEN = frozenset({State.SENT, State.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Move:
    """A payout, where it goes, by which entry, and what the bank said."""

    payout: Payout
    to: State
    entry: EntryOrder
    said: Said


async def book_report(
    tx: Tx, tools: Tools, payouts: Sequence[Payout], report: Report | None, *, now: datetime
) -> None:
    """Move each payout that is open to where `report` says; None: the bank did not answer."""
    waiting = [p for p in await queries.lock_payouts(tx, [p.id for p in payouts])
               if p.state in _OPEN]  # fmt: skip
    moves = []
    for payout in waiting:
        said = None if report is None else report.of(payout.id)
        if said is None or said.status is Status.PENDING:
            await _wait(tx, payout, State.UNKNOWN if said is None else State.SENT, now=now)
        elif said.status is Status.PAID:
            moves.append(Move(payout, State.PAID, _paid(payout), said))
        else:
            moves.append(Move(payout, State.RETURNED, _not_paid(payout), said))
    await _book(tx, tools, moves, now=now)


async def book_returns(
    tx: Tx, tools: Tools, bookings: Sequence[Booking], *, now: datetime
) -> list[Payout]:
    """Give back what a statement says came back, whole; the payouts it concerns. One whose payment
    we have not heard of is booked as paid first. One that was given back already is left."""
    came_back = {b.transfer: b for b in bookings if b.returned and b.transfer is not None}
    found = await queries.lock_payouts(tx, sorted(came_back))
    came_back = {p.id: came_back[p.id] for p in found if came_back[p.id].amount == p.amount}
    unheard = [p for p in found if p.id in came_back and p.state in _OPEN]
    await _book(tx, tools, [_heard(p, came_back[p.id]) for p in unheard], now=now)
    found = await queries.lock_payouts(tx, sorted(came_back))
    returned = [p for p in found if p.state is State.PAID]
    moves = [
        Move(p, State.RETURNED, _come_back(p), Said(Status.REJECTED, "RETURNED", p.reference))
        for p in returned
    ]
    await _book(tx, tools, moves, now=now)
    return returned


async def _wait(tx: Tx, payout: Payout, state: State, *, now: datetime) -> None:
    if payout.state is not state:
        await operations.move(tx, payout=payout, to=state, now=now)


async def _book(tx: Tx, tools: Tools, moves: Sequence[Move], *, now: datetime) -> None:
    denied = await ledger.post(tx, orders=[move.entry for move in moves], now=now)
    record = Record(now, tools.entropy)
    for move in moves:
        if move.entry.id in denied:
            await _short(tx, tools, move, denied[move.entry.id].code, record)
            continue
        record.posting(move.entry)
        moved = await operations.move(
            tx, payout=move.payout, to=move.to, reference=move.said.reference,
            reason=move.said.reason, now=now,
        )  # fmt: skip
        record.leaf("payout", moved.id, payout_document(moved))
        if moved.state is State.RETURNED:
            why = {"payout": moved.id, "reason": moved.reason}
            await open_task(tx, tools, TaskKind.PAYOUT_RETURNED, moved.merchant, why, record)
    await record.write(tx)


async def _short(tx: Tx, tools: Tools, move: Move, code: str, record: Record) -> None:
    """The bank has paid what our books of it do not have: the payout stays open until they do, for
    what a channel has settled is booked by reconciliation."""
    if (code, move.to) != ("insufficient_funds", State.PAID):
        raise BrokenInvariant(f"payout {move.payout.id}: {code}")
    sum_ = {"amount": move.payout.amount, "currency": move.payout.currency}
    await open_task(tx, tools, TaskKind.BANK_SHORT, move.payout.id, sum_, record)


def _heard(payout: Payout, booking: Booking) -> Move:
    return Move(payout, State.PAID, _paid(payout), Said(Status.PAID, None, booking.reference))


def _paid(payout: Payout) -> EntryOrder:
    return EntryOrder(
        payout.id + PAID, payouts_key(payout.currency), bank_key(payout.currency),
        payout.currency, payout.amount,
    )  # fmt: skip


def _not_paid(payout: Payout) -> EntryOrder:
    return EntryOrder(
        payout.id + RETURN, payouts_key(payout.currency),
        balance_key(payout.merchant, payout.currency), payout.currency, payout.amount,
    )  # fmt: skip


def _come_back(payout: Payout) -> EntryOrder:
    return EntryOrder(
        payout.id + RETURN, bank_key(payout.currency),
        balance_key(payout.merchant, payout.currency), payout.currency, payout.amount,
    )  # fmt: skip
