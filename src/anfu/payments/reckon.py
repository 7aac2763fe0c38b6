"""Reckon: do books, payments and evidence agree?

One walk over every id that payments, ledger, limits, risk or evidence know, a page at a time, so
that memory does not grow with the house. What stands under an id in one place and is missing in
another is met on the way, whichever of them it is missing in.

Not reckoned: the counters of limits, and of a payment's row its factors and what a channel said
of a failure, which the evidence does not keep.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from anfu.evidence.queries import leaves_of, subjects_after
from anfu.ledger import queries as ledger
from anfu.ledger.account import Balance
from anfu.limits import queries as limits
from anfu.payments import comparison, queries
from anfu.payments.attempts.attempt import numbered, read_number
from anfu.payments.comparison import Kept, Terms, Told
from anfu.payments.disagreement import Disagreement, differing
from anfu.payments.fund import balance_key, bank_key, channel_key
from anfu.payments.payment import BALANCE
from anfu.risk import queries as risk
from anfu.risk.event import Event
from anfu.risk.replay import Stored
from anfu.storage.database import Database
from anfu.storage.transaction import Tx

PAGE = 500
MOST = 1_000
_SOURCES = (queries.ids_after, subjects_after, ledger.ids_after, limits.reservations_after,
            risk.decisions_after)  # fmt: skip
# What the evidence must say of each kind to be compared with.
_KINDS: Mapping[str, tuple[str, frozenset[str]]] = {
    "pay": ("payment", frozenset({"state", "payer", "payee", "amount", "refunded", "currency",
                                  "method", "decision"})),
    "rfd": ("refund", frozenset({"state", "payment", "amount", "currency"})),
    "dep": ("deposit", frozenset({"party", "amount", "currency"})),
    "dec": ("decision", frozenset({"facts"})),
    "": ("posting", frozenset({"debit", "credit", "asset", "amount"})),
}  # fmt: skip

_NUMBER = "number"

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Reckoning:
    """What was compared, and what does not agree; at most `MOST` disagreements are kept, `count`
    is how many there are."""

    payments: int = 0
    refunds: int = 0
    deposits: int = 0
    decisions: int = 0
    count: int = 0
    disagreements: list[Disagreement] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return self.count == 0

    @property
    def done(self) -> int:
        """How many rows were compared."""
        return self.payments + self.refunds + self.deposits + self.decisions

    def note(self, found: Iterator[Disagreement] | Sequence[Disagreement]) -> None:
        """Keep what was found, as far as there is room."""
        for disagreement in found:
            self.count += 1
            if len(self.disagreements) < MOST:
                self.disagreements.append(disagreement)


async def reckon(database: Database, *, progress: Progress | None = None) -> Reckoning:
    """Compare everything as it stands at one moment; writers may go on.

    `progress(done, all)` is told after each page of ids.
    """
    async with database.transaction(readonly=True, snapshot=True) as tx:
        return await reckon_within(tx, progress=progress)


async def reckon_within(tx: Tx, *, progress: Progress | None = None) -> Reckoning:
    """`reckon` within a transaction that sees one moment."""
    reckoning = Reckoning()
    total = await queries.count_all(tx) + await risk.count_decisions(tx)
    after = ""
    while ids := await _next_ids(tx, after):
        await _Page(tx, ids, reckoning).compare()
        after = ids[-1]
        if progress is not None:
            progress(min(total, reckoning.done), total)
    reckoning.note(await _books(tx))
    return reckoning


async def _next_ids(tx: Tx, after: str) -> list[str]:
    """The next ids anybody knows, in order. Each source gives as many as are wanted, so none that
    lies before the last of them is missed."""
    known: set[str] = set()
    for source in _SOURCES:
        known.update(await source(tx, after, most=PAGE))
    return sorted(known)[:PAGE]


class _Page:
    """One page of ids, with what each place holds of them."""

    def __init__(self, tx: Tx, ids: Sequence[str], reckoning: Reckoning) -> None:
        self.tx = tx
        self.reckoning = reckoning
        self.ids: dict[str, list[str]] = defaultdict(list)
        for name in ids:
            self.ids[_kind(name)].append(name)

    async def compare(self) -> None:
        """Note what does not agree."""
        money = [n for kind in ("pay", _NUMBER, "rfd", "dep", "") for n in self.ids[kind]]
        self.entries = await ledger.find_entries(self.tx, money)
        self.holds = await ledger.find_holds(self.tx, money)
        await self._payments(self.ids["pay"])
        await self._numbers(self.ids[_NUMBER])
        await self._refunds(self.ids["rfd"])
        await self._deposits(self.ids["dep"])
        await self._decisions(self.ids["dec"])
        await self._others(self.ids[""])

    async def _payments(self, ids: Sequence[str]) -> None:
        if not ids:
            return
        told = await self._told("pay", ids)
        rows = {p.id: p for p in await queries.find_payments(self.tx, ids)}
        noted = await queries.find_open(self.tx, ids)
        kept = await limits.find_reservations(self.tx, ids)
        refunded = await queries.refunded_sums(self.tx, ids)
        decided = [t[-1].body["decision"] for t in told.values() if t[-1].body["decision"]]
        decisions = await risk.find_decisions(self.tx, decided)
        events = await risk.find_events(self.tx, decisions.values())
        for name in ids:
            leaves, row = told.get(name, []), rows.get(name)
            decision = leaves[-1].body["decision"] if leaves else None
            changed = list(_decision(decision, leaves, decisions))
            event = None if changed else events.get(decision or "")
            at = event.at if event is not None else None if row is None else row.occurred_at
            papers = Kept(name, leaves, None, None, name in noted, kept.get(name), at)
            self.reckoning.note(comparison.compare_payment(papers, row))
            await self._attempts(name, leaves)
            self.reckoning.note(changed)
            if row is not None and event is not None:
                self.reckoning.note(comparison.compare_event(row, event))
            if leaves:
                self.reckoning.note(_sum(name, leaves[-1].body, refunded.get(name, 0)))
            self.reckoning.payments += row is not None

    async def _attempts(self, payment: str, leaves: Sequence[Told]) -> None:
        """The entry and the hold of each attempt of a payment, which the evidence knows of."""
        last = leaves[-1].body.get("attempt", 1) if leaves else 1
        if last > 1:
            later = [numbered(payment, attempt) for attempt in range(2, last + 1)]
            self.entries |= await ledger.find_entries(self.tx, later)
            self.holds |= await ledger.find_holds(self.tx, later)
        for attempt in range(1, last + 1):
            number, told = numbered(payment, attempt), comparison.told_of_attempt(leaves, attempt)
            papers = Kept(number, told, self.entries.get(number), self.holds.get(number))
            terms = _payment_terms(told[-1].body) if told else None
            self.reckoning.note(comparison.compare_books(papers, terms))

    async def _numbers(self, ids: Sequence[str]) -> None:
        """Numbers of attempts that the ledger knows: of one that the evidence does not."""
        told = await self._told("pay", sorted({read_number(name)[0] for name in ids}))
        for name in ids:
            payment, attempt = read_number(name)
            leaves = told.get(payment, [])
            if attempt > (leaves[-1].body.get("attempt", 1) if leaves else 1):
                papers = Kept(name, [], self.entries.get(name), self.holds.get(name))
                self.reckoning.note(comparison.compare_books(papers, None))

    async def _refunds(self, ids: Sequence[str]) -> None:
        if not ids:
            return
        told = await self._told("rfd", ids)
        rows = {r.id: r for r in await queries.find_refunds(self.tx, ids)}
        paid = {leaves[-1].body["payment"] for leaves in told.values()}
        payments = await self._told("pay", sorted(paid))
        for name in ids:
            leaves, row = told.get(name, []), rows.get(name)
            terms = None
            payment = payments.get(leaves[-1].body["payment"]) if leaves else None
            if payment is not None:
                there = _payment_terms(payment[-1].body)
                amount = leaves[-1].body["amount"]
                terms = Terms(there.credit, there.debit, there.asset, amount)
                if row is not None:
                    self.reckoning.note(comparison.compare_parties(row, payment[-1].body))
            papers = Kept(name, leaves, self.entries.get(name), self.holds.get(name))
            self.reckoning.note(comparison.compare_refund(papers, row, terms))
            self.reckoning.refunds += row is not None

    async def _deposits(self, ids: Sequence[str]) -> None:
        if not ids:
            return
        told = await self._told("dep", ids)
        rows = {d.id: d for d in await queries.find_deposits(self.tx, ids)}
        for name in ids:
            leaves, row = told.get(name, []), rows.get(name)
            terms = None
            if leaves:
                said = leaves[-1].body
                accounts = bank_key(said["currency"]), balance_key(said["party"], said["currency"])
                terms = Terms(*accounts, said["currency"], said["amount"])
            papers = Kept(name, leaves, self.entries.get(name), self.holds.get(name))
            self.reckoning.note(comparison.compare_deposit(papers, row, terms))
            self.reckoning.deposits += row is not None

    async def _decisions(self, ids: Sequence[str]) -> None:
        """Those of a payment are compared with it; here only whether the payment knows them."""
        if not ids:
            return
        told = await self._told("dec", ids)
        rows = await risk.find_decisions(self.tx, ids)
        alone = [stored for name, stored in rows.items() if name not in told]
        events = await risk.find_events(self.tx, alone)
        payments = await self._decided(alone, events)
        for name in ids:
            if name in told:
                leaf = told[name][-1].body
                self.reckoning.note(comparison.compare_decision(name, leaf, rows.get(name)))
            elif name in rows and name not in payments:
                self.reckoning.note([Disagreement("decision_inserted", name)])
            self.reckoning.decisions += name in rows

    async def _decided(self, alone: Sequence[Stored], events: Mapping[str, Event]) -> set[str]:
        """Which decisions the evidence knows as those of a payment. What was changed so far that
        it no longer names its payment is found by the payments that name it."""
        told = await self._told("pay", [event.id for event in events.values()])
        known = {leaves[-1].body["decision"] for leaves in told.values()}
        lost = [stored.id for stored in alone if stored.id not in known]
        rows = await queries.find_decided(self.tx, lost) if lost else {}
        told = await self._told("pay", list(rows.values()))
        return known | {leaves[-1].body["decision"] for leaves in told.values()}

    async def _others(self, ids: Sequence[str]) -> None:
        """Ids of customers, keys and the like, which move no money, and of entries by themselves,
        whose terms the evidence has."""
        told = await self._told("", ids)
        for name in ids:
            leaves = told.get(name, [])
            papers = Kept(name, leaves, self.entries.get(name), self.holds.get(name))
            terms = Terms(**leaves[-1].body) if leaves else None
            self.reckoning.note(comparison.compare_books(papers, terms))

    async def _told(self, prefix: str, ids: Sequence[str]) -> dict[str, list[Told]]:
        """The leaves of one kind about `ids`, by id; those without are left out."""
        kind, needed = _KINDS[prefix]
        found: dict[str, list[Told]] = {}
        for leaf in await leaves_of(self.tx, ids) if ids else []:
            try:
                told = _read(leaf.body)
            except (msgspec.DecodeError, ValueError):
                self.reckoning.note([Disagreement("leaf_unreadable", leaf.subject)])
                continue
            if told.kind == kind and needed <= told.body.keys():
                found.setdefault(leaf.subject, []).append(Told(told.kind, leaf.at, told.body))
        return found


def _kind(name: str) -> str:
    """The kind of an id; that of a second attempt is not its payment's."""
    if read_number(name)[1] > 1:
        return _NUMBER
    prefix = name.partition("_")[0]
    return prefix if prefix in _KINDS else ""


class _Leaf(msgspec.Struct):
    kind: str
    body: dict[str, Any]


_read = msgspec.json.Decoder(_Leaf).decode


def _decision(
    name: str | None, leaves: Sequence[Told], decisions: Mapping[str, Stored]
) -> Iterator[Disagreement]:
    if name is not None and "facts" in leaves[0].body:
        yield from comparison.compare_decision(name, leaves[0].body, decisions.get(name))


def _sum(name: str, said: Mapping[str, Any], refunded: int) -> Iterator[Disagreement]:
    if said["refunded"] != refunded:
        pair = (said["refunded"], refunded)
        yield Disagreement("refunded_sum_differs", name, {"refunded": pair})


def _payment_terms(said: Mapping[str, Any]) -> Terms:
    currency, method = said["currency"], said["method"]
    channel = said.get("channel", method)
    source = (
        balance_key(said["payer"], currency) if method == BALANCE
        else channel_key(channel, currency)
    )  # fmt: skip
    return Terms(source, balance_key(said["payee"], currency), currency, said["amount"])


async def _books(tx: Tx) -> list[Disagreement]:
    """The ledger beside itself: balances and the rows they are counted from, debits and credits."""
    found = [
        Disagreement("account_differs", d.counted.account.key, _balances(d.summed, d.counted))
        for d in await ledger.find_discrepancies(tx)
    ]
    explained = not found
    for line in await ledger.trial_balance(tx):
        names = ["imbalance", "unexplained"] if explained else ["imbalance"]
        wrong = differing(dict.fromkeys(names, 0), {n: getattr(line, n) for n in names})
        if wrong:
            found.append(Disagreement("books_unbalanced", line.asset, wrong))
    return found


def _balances(right: Balance, found: Balance) -> Mapping[str, tuple[Any, Any]]:
    names = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")
    return differing(*({n: getattr(b, n) for n in names} for b in (right, found)))
