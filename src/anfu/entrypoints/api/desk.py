"""The desk behind the door: what handlers work with, and the gates that gather the load."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from anfu.entrypoints.api.caller import Callers
from anfu.entrypoints.api.changes import Changes
from anfu.entrypoints.api.gate import Gate
from anfu.entrypoints.api.journal import Journal
from anfu.evidence.signer import VerifierKey
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Refused
from anfu.kernel.ids import SystemEntropy
from anfu.parties.reads.operations import note_reads
from anfu.parties.reads.read import Read
from anfu.payments.assess import Assessment, assess
from anfu.payments.book import Booked, Booking, book
from anfu.payments.notice import Told, take_notices
from anfu.payments.pay import PayOrder, Result, pay
from anfu.payments.payment import Payment
from anfu.payments.recognise import Sent, Visit, begin, recognise
from anfu.payments.send import send
from anfu.payments.tools import Tools
from anfu.settlement.reconciliation.fetch import Desk as Reconciling
from anfu.settlement.reconciliation.terms import Terms
from anfu.storage.idempotency import Answer

_NO_TERMS: Mapping[str, Terms] = MappingProxyType({})
LANES = 3
MOST = 128
# Devices are locked one after the other: two batches at once could wait for one another, and a long
# one would be waited for.
VISITS = 32


class Desk:
    """Holds the tools and clock; pays and books through gates. `terms`: what is agreed with each
    channel about its bills. `log_keys`: who signs the evidence, the present key first."""

    def __init__(
        self, tools: Tools, clock: Clock, *, version: str, log_keys: Sequence[VerifierKey],
        terms: Mapping[str, Terms] = _NO_TERMS,
    ) -> None:  # fmt: skip
        self.tools = tools
        self.clock = clock
        self.version = version
        self.log_keys = tuple(log_keys)
        self.reconciling = Reconciling(tools, tools.bills, terms)
        self.changes = Changes(tools, clock)
        self.journal = Journal(tools.database, SystemEntropy())
        self.callers = Callers(tools.database, tools.sealer.ring, clock)
        self.paying: Gate[PayOrder, Result] = Gate(self._pay, lanes=LANES, most=MOST)
        self.assessing: Gate[Assessment, Answer | Refused] = Gate(
            self._assess, lanes=LANES, most=MOST
        )
        # A batch is a transaction of its own: one of 128 must not make 127 others wait for it.
        self.assessing_batches: Gate[Assessment, Answer | Refused] = Gate(
            self._assess, lanes=LANES, most=1
        )
        self.visiting: Gate[Visit, Answer | Refused] = Gate(self._begin, lanes=1, most=VISITS)
        self.recognising: Gate[Sent, Answer | Refused] = Gate(self._recognise, lanes=1, most=VISITS)
        self.noting: Gate[Read, None] = Gate(self._note, lanes=1, most=MOST)
        # Networks tell of every payment while its own answer is being booked: one by one they would
        # take every connection there is.
        self.noticing: Gate[Told, bool] = Gate(self._notices, lanes=1, most=MOST)
        self.booking: Gate[Booking, Booked] = Gate(self._book, lanes=LANES, most=MOST)

    async def pay(self, order: PayOrder) -> Answer:
        """Decide, and for a channel act and book. Raises Refused."""
        return await self.go_on(await self.paying.submit(order))

    async def go_on(self, result: Answer | Refused | Payment) -> Answer:
        """The answer to a result of a journey: a payment in SENDING is sent and booked first."""
        if isinstance(result, Payment):
            # Shielded: the payer closing the page does not stop a payment half way.
            return await asyncio.shield(asyncio.ensure_future(self._act(result)))
        if isinstance(result, Refused):
            raise result
        return result

    async def _act(self, payment: Payment) -> Answer:
        booked: Booked = payment
        while isinstance(booked, Payment):
            booking = await send(self.tools, booked, now=self.clock.now())
            booked = await self.booking.submit(booking)
        return booked

    async def _pay(self, orders: Sequence[PayOrder]) -> Sequence[Result]:
        return await pay(self.tools, orders, now=self.clock.now())

    async def _assess(self, orders: Sequence[Assessment]) -> Sequence[Answer | Refused]:
        return await assess(self.tools, orders, now=self.clock.now())

    async def _book(self, bookings: Sequence[Booking]) -> Sequence[Booked]:
        return await book(self.tools, bookings, now=self.clock.now())

    async def _notices(self, told: Sequence[Told]) -> Sequence[bool]:
        return await take_notices(self.tools, told, now=self.clock.now())

    async def _begin(self, visits: Sequence[Visit]) -> Sequence[Answer | Refused]:
        return await begin(self.tools, visits, now=self.clock.now())

    async def _recognise(self, profiles: Sequence[Sent]) -> Sequence[Answer | Refused]:
        return await recognise(self.tools, profiles, now=self.clock.now())

    async def _note(self, reads: Sequence[Read]) -> Sequence[None]:
        await self.tools.database.run(lambda tx: note_reads(tx, reads=reads))
        return [None] * len(reads)

    async def write_journal(self) -> int:
        """A turn of the request log."""
        return await self.journal.write(now=self.clock.wall())

    def now(self) -> datetime:
        """The present."""
        return self.clock.now()
