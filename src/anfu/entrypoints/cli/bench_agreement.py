"""After the load: do answers, payments, entries, events and evidence say the same?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from anfu.entrypoints.cli.demo_checks import check_evidence, check_ledger
from anfu.entrypoints.cli.load import Answered
from anfu.entrypoints.cli.wiring import Running
from anfu.evidence import queries as evidence
from anfu.ledger import queries as ledger
from anfu.payments import queries as payments
from anfu.payments.payment import State
from anfu.storage import outbox
from anfu.storage.database import Database

_PAGE = 5_000


@dataclass(slots=True)
class Agreement:
    """How many of each there are; `faults` says in words what does not agree."""

    answers: int = 0
    payments: int = 0
    entries: int = 0
    events: int = 0
    leaves: int = 0
    ledger_imbalance: int = 0
    evidence_verified: bool = False
    batches: int = 0
    faults: list[str] = field(default_factory=list)

    def expect(self, what: str, *, right: bool) -> None:
        """Note `what` as a fault unless it is right."""
        if not right:
            self.faults.append(what)


async def compare(running: Running, answered: Sequence[Answered], *, leaves: int = 1) -> Agreement:
    """Read everything again; so many leaves each payment has."""
    database = running.tools.database
    found = Agreement(answers=len(answered))
    said = {answer.id: answer for answer in answered}
    found.expect("an id was answered to two requests", right=len(said) == len(answered))
    await _payments(database, said, found)
    await _entries(database, said, found)
    await _events(database, said, found)
    await _leaves(database, said, found, each=leaves)
    await _books(running, found)
    return found


def compare_counts(
    what: str, seen: Mapping[str, int], said: Mapping[str, object], *, each: int = 1
) -> list[str]:
    """What is wrong unless each id of `said` was seen exactly `each` times, and no other."""
    missing = sum(id_ not in seen for id_ in said)
    besides = sum(id_ not in said for id_ in seen)
    often = sum(count > each for count in seen.values())
    seldom = sum(count < each for count in seen.values())
    counts = {"missing": missing, "besides": besides, "too often": often, "too seldom": seldom}
    return [f"{what}: {count} {how}" for how, count in counts.items() if count]


async def _payments(database: Database, said: Mapping[str, Answered], found: Agreement) -> None:
    batches: set[datetime] = set()
    wrong = 0
    async with database.transaction(readonly=True) as tx:
        found.payments = sum((await payments.count_by_state(tx)).values())
        for ids in _pages(list(said)):
            rows = await payments.find_payments(tx, ids)
            batches.update(row.created_at for row in rows)
            same = sum((r.state, r.amount) == (said[r.id].state, said[r.id].amount) for r in rows)
            wrong += len(ids) - same
    found.batches = len(batches)
    found.expect(f"payments: {wrong} are not as they were answered", right=wrong == 0)
    right = found.payments == len(said)
    found.expect(f"{found.payments} payments, {len(said)} answers", right=right)


async def _entries(database: Database, said: Mapping[str, Answered], found: Agreement) -> None:
    wrong = 0
    async with database.transaction(readonly=True) as tx:
        for ids in _pages(list(said)):
            entries = await ledger.find_entries(tx, ids)
            found.entries += len(entries)
            for id_ in ids:
                moved = said[id_].amount if said[id_].state == State.SUCCEEDED else None
                wrong += moved != (entries[id_].amount if id_ in entries else None)
    found.expect(f"entries: {wrong} payments without theirs", right=wrong == 0)


async def _events(database: Database, said: Mapping[str, Answered], found: Agreement) -> None:
    seen: Counter[str] = Counter()
    before = None
    async with database.transaction(readonly=True) as tx:
        while page := await outbox.list_events(tx, owner=None, before=before, most=_PAGE):
            before = page[-1].id
            seen.update(e.object_id for e in page if e.kind.startswith("payment."))
    found.events = seen.total()
    found.faults += compare_counts("events", seen, said)


async def _leaves(
    database: Database, said: Mapping[str, Answered], found: Agreement, *, each: int
) -> None:
    seen: Counter[str] = Counter()
    async with database.transaction(readonly=True) as tx:
        size = await evidence.log_size(tx)
        for start in range(0, size, _PAGE):
            page = await evidence.list_leaves(tx, start=start, end=min(start + _PAGE, size))
            seen.update(leaf.subject for leaf in page if leaf.subject.startswith("pay_"))
    found.leaves = seen.total()
    found.faults += compare_counts("leaves", seen, said, each=each)


async def _books(running: Running, found: Agreement) -> None:
    checks = (await check_ledger(running), await check_evidence(running))
    values = {name: value for check in checks for name, value in check.values.items()}
    found.ledger_imbalance = values["ledger_imbalance"]
    found.evidence_verified = values["evidence_verified"]
    found.faults += [f"{check.name}: {check.found}" for check in checks if not check.good]


def _pages(ids: list[str]) -> Iterator[list[str]]:
    return (ids[start : start + _PAGE] for start in range(0, len(ids), _PAGE))
