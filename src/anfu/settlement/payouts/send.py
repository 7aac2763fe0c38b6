"""Send: a released batch goes to the bank, and is asked about until all of it is resolved.

That it is SENT is committed before the bank hears of it. Whoever dies, or hears nothing, after that
asks the bank; one that does not know the file is given the very same again, never another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from anfu.channels.banks.pain001 import payment_file
from anfu.channels.banks.port import Party, PaymentFile, Report, ReserveAccount, Transfer
from anfu.kernel.clock import Clock
from anfu.kernel.errors import BrokenInvariant, OutsideFailure
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.settlement.payouts import operations, queries
from anfu.settlement.payouts.batch import Batch
from anfu.settlement.payouts.book import book_report
from anfu.settlement.payouts.document import batch_document
from anfu.settlement.payouts.payout import Payout, State
from anfu.settlement.terms.queries import find_terms
from anfu.storage.transaction import Tx

# How long the bank is left alone between two questions about one file.
ASK_AGAIN = timedelta(minutes=5)


async def send_released(tools: Tools, clock: Clock) -> int:
    """Send what is released; how many batches. None without a bank."""
    if tools.reserve is None:
        return 0
    async with tools.database.transaction(readonly=True) as tx:
        batches = await queries.list_unsent(tx)
    for batch in batches:
        await send(tools, clock, tools.reserve, batch)
    return len(batches)


async def ask_again(tools: Tools, clock: Clock) -> int:
    """Ask about what is open; how many batches were asked about. None without a bank."""
    if tools.reserve is None:
        return 0
    async with tools.database.transaction(readonly=True) as tx:
        batches = await queries.list_unanswered(tx, before=clock.now() - ASK_AGAIN)
    for batch in batches:
        await ask(tools, clock, tools.reserve, batch)
    return len(batches)


async def send(tools: Tools, clock: Clock, reserve: ReserveAccount, batch: str) -> None:
    """Send a batch for the first time; one that was sent is left to `ask`."""
    now = clock.now()

    async def work(tx: Tx) -> bytes | None:
        found = await queries.lock_batch(tx, batch)
        if found.released_at is None or found.sent_at is not None:
            return None
        payouts = await queries.list_of_batch(tx, batch)
        sent = replace(found, sent_at=now)
        file = await _file(tx, tools, reserve, sent, payouts)
        sent = replace(sent, digest=sha256(file).hexdigest())
        for payout in payouts:
            await operations.move(tx, payout=payout, to=State.SENT, now=now)
        await operations.write_batch(tx, batch=sent)
        record = Record(now, tools.entropy)
        record.leaf("payout_batch", batch, batch_document(sent))
        await record.write(tx)
        return file

    file = await tools.database.run(work)
    if file is not None:
        report = await _submit(reserve, file, batch)
        await _book(tools, batch, report, now=clock.now())


async def ask(tools: Tools, clock: Clock, reserve: ReserveAccount, batch: str) -> None:
    """Ask what became of a batch that was sent, and send it again if the bank has never had it."""
    try:
        report: Report | None = await reserve.bank.ask(batch)
    except OutsideFailure:
        report = None
    if report is not None and not report.known:
        async with tools.database.transaction(readonly=True) as tx:
            file = await _same_file(tx, tools, reserve, batch)
        report = await _submit(reserve, file, batch)
    await _book(tools, batch, report, now=clock.now())


async def _submit(reserve: ReserveAccount, file: bytes, batch: str) -> Report | None:
    try:
        return await reserve.bank.submit(file, batch)
    except OutsideFailure:
        return None


async def _book(tools: Tools, batch: str, report: Report | None, *, now: datetime) -> None:
    async def work(tx: Tx) -> None:
        found = await queries.lock_batch(tx, batch)
        await operations.write_batch(tx, batch=replace(found, asked_at=now))
        payouts = await queries.list_of_batch(tx, batch)
        await book_report(tx, tools, payouts, report, now=now)

    await tools.database.run(work)


async def _same_file(tx: Tx, tools: Tools, reserve: ReserveAccount, batch: str) -> bytes:
    found = next(iter(await queries.find_batches(tx, [batch])))
    file = await _file(tx, tools, reserve, found, await queries.list_of_batch(tx, batch))
    if sha256(file).hexdigest() != found.digest:
        raise BrokenInvariant(f"the file of {batch} is not what was sent before")
    return file


async def _file(
    tx: Tx, tools: Tools, reserve: ReserveAccount, batch: Batch, payouts: Sequence[Payout]
) -> bytes:
    terms = await find_terms(tx, sorted({p.terms for p in payouts}), ring=tools.sealer.ring)
    accounts = {id_: found.account for id_, found in terms.items()}
    transfers = [
        Transfer(
            payout.id, payout.amount,
            Party(accounts[payout.terms].holder, accounts[payout.terms].number,
                  accounts[payout.terms].bank_code),
            payout.settlement,
        )
        for payout in payouts
    ]  # fmt: skip
    if batch.sent_at is None:
        raise BrokenInvariant(f"the file of {batch.id} has no time")
    return payment_file(
        PaymentFile(
            batch.id, batch.currency, batch.payable_on, batch.sent_at, reserve.debtor, transfers
        )
    )
