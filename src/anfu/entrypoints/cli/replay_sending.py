"""A payment history on its way through the API, many payments in flight, each payer's in order.

Every write has an idempotency key made from the file's own ids, so that whatever is sent again
(the whole file, or the rest of it after a break) makes nothing twice.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote

from anfu.entrypoints.cli.replay_map import FileMap
from anfu.entrypoints.cli.replay_reading import BadRow, Row
from anfu.entrypoints.cli.replay_tally import Tally
from anfu.kernel.errors import OutsideFailure
from anfu.parties.person import DocumentType
from anfu.payments.document import rfc3339
from anfu.simulation.client import Client, Method, Pay, Person, Place, Reply

_KEY_MOST = 128


class Refusal(Exception):  # noqa: N818 - the way out of one row
    """The API said no to something a row needs."""


def key_of(source: str, kind: str, name: str) -> str:
    """The idempotency key of what the file calls `name`."""
    key = f"replay-{source}-{kind}-{quote(name, safe='')}"
    if len(key) <= _KEY_MOST:
        return key
    return f"replay-{source}-{kind}-{sha256(name.encode()).hexdigest()}"


def placeholder(source: str, name: str, account_class: int) -> Person:
    """An identity for a payer of whom the file tells none: always the same, and nobody's. No
    country has the calling code 999."""
    digest = sha256(f"{source}\n{name}".encode()).hexdigest()
    phone = f"+999{int(digest[16:32], 16) % 10**11:011d}"
    document = (DocumentType.PASSPORT.value, f"R{digest[:16].upper()}")
    return Person(f"Payer {digest[:12]}", phone, document, account_class)


@dataclass(frozen=True, slots=True)
class Pace:
    """`speed` times the history's own clock; None: as fast as it goes."""

    speed: float | None

    def due_s(self, first: datetime, at: datetime) -> float:
        """How long after the first payment one of the moment `at` is sent."""
        return 0.0 if self.speed is None else (at - first).total_seconds() / self.speed


class Replayer:
    """Sends rows; what came of them is in `tally`."""

    def __init__(self, client: Client, map_: FileMap, tally: Tally, *, in_flight: int) -> None:
        self._client = client
        self._map = map_
        self._tally = tally
        self._lanes = asyncio.Semaphore(in_flight)
        self._parties: dict[tuple[str, str], asyncio.Future[str]] = {}
        self._last: dict[str, asyncio.Task[None]] = {}

    async def run(self, rows: AsyncIterator[Row | BadRow], pace: Pace) -> None:
        """Send them all. Raises OutsideFailure when the API no longer answers."""
        try:
            async with asyncio.TaskGroup() as group:
                await self._start(rows, pace, group)
        except* OutsideFailure as failures:
            raise failures.exceptions[0] from None

    async def _start(
        self, rows: AsyncIterator[Row | BadRow], pace: Pace, group: asyncio.TaskGroup
    ) -> None:
        began, first = time.monotonic(), None
        async for row in rows:
            if isinstance(row, BadRow):
                self._tally.bad(row)
                continue
            first = first or row.at
            wait = began + pace.due_s(first, row.at) - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            await self._lanes.acquire()
            task = group.create_task(self._send(row, self._last.get(row.payer)))
            self._last[row.payer] = task

    async def _send(self, row: Row, before: asyncio.Task[None] | None) -> None:
        try:
            if before is not None:
                await asyncio.wait([before])
            await self._pay(row)
        except Refusal as refusal:
            self._tally.bad(BadRow(row.number, str(refusal)))
        finally:
            self._lanes.release()
            if self._last.get(row.payer) is asyncio.current_task():
                del self._last[row.payer]

    async def _pay(self, row: Row) -> None:
        payer = await self._party("customer", row.payer, self._open_customer)
        payee = await self._party("merchant", row.payee, self._open_merchant)
        place = Place(row.device, row.address, row.latitude, row.longitude)
        order = Pay(
            payer=payer,
            payee=payee,
            amount=row.amount,
            currency=row.currency,
            method=Method(self._map.payments.method, row.card),
            environment=None if place == Place() else place,
            factors=self._map.payments.factors,
            order=row.id[:200],
            description=row.description and row.description[:200],
            occurred_at=rfc3339(row.at),
        )
        reply = await self._client.pay(order, key=self._key("payment", row.id))
        self._tally.payment(_good(reply))

    async def _party(self, kind: str, name: str, open_: Callable[[str], Awaitable[str]]) -> str:
        """The id of a party, opened when it is met for the first time."""
        opening = self._parties.get((kind, name))
        if opening is None:
            opening = asyncio.ensure_future(open_(name))
            self._parties[kind, name] = opening
        return await opening

    async def _open_customer(self, name: str) -> str:
        wanted = self._map.customers
        person = placeholder(self._map.source, name, wanted.account_class)
        reply = await self._client.create_customer(person, key=self._key("customer", name))
        self._tally.made("customers", _good(reply))
        customer = str(reply.body["id"])
        if wanted.deposit:
            currency = self._map.amounts.currency
            key = self._key("deposit", name)
            reply = await self._client.deposit(customer, wanted.deposit, currency, key=key)
            self._tally.made("deposits", _good(reply))
        return customer

    async def _open_merchant(self, name: str) -> str:
        digest = sha256(f"{self._map.source}\n{name}".encode()).hexdigest()
        key = self._key("merchant", name)
        reply = await self._client.create_merchant(f"Merchant {digest[:12]}", None, key=key)
        self._tally.made("merchants", _good(reply))
        return str(reply.body["id"])

    def _key(self, kind: str, name: str) -> str:
        return key_of(self._map.source, kind, name)


def _good(reply: Reply) -> Reply:
    if not reply.good:
        raise Refusal(f"{reply.code or reply.status} {reply.body.get('field', '')}".strip())
    return reply
