"""A made-up bank: it takes payment files once, pays, refuses, waits and sends money back.

What becomes of a payment follows from the last digits of the account it goes to: `01` is rejected
(AC04, closed account), `02` is pending at first and paid when it is asked about, `03` is paid and
comes back the next day; everything else is paid at once. What it has paid it has taken off the
account; a day's statement says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from xml.etree.ElementTree import Element

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from anfu.channels.banks.client import FILES, REPORTS, STATEMENTS
from anfu.channels.banks.elements import amount_of, read, text_of
from anfu.channels.banks.messages import Line, Row, report_message, statement_message
from anfu.channels.banks.pain001 import Version
from anfu.channels.peer import Peer
from anfu.channels.sandbox.messages import Identity
from anfu.kernel.clock import Clock
from anfu.kernel.ids import Entropy
from anfu.kernel.periods import civil_date

_REJECTED, _PENDING, _RETURNED = "01", "02", "03"
_DAY = timedelta(days=1)


@dataclass
class Trouble:
    """What goes wrong, for every request: `status` instead of an answer, after the work."""

    status: int | None = None


class BankSimulator:
    """`rows` are the movements of our one account, in CNY; a test writes what else came in.
    `files` are the ids taken, `sent` how often a file came, `trouble` may be changed meanwhile."""

    def __init__(self, identity: Identity, *, clock: Clock, entropy: Entropy) -> None:
        self.rows: list[Row] = []
        self.files: dict[str, dict[str, Line]] = {}
        self.received: list[str] = []
        self.trouble = Trouble()
        self._clock = clock
        self._peer = Peer(identity, clock=clock, entropy=entropy)
        work = {FILES: self._take, REPORTS: self._report, STATEMENTS: self._state}
        self.app = Starlette(
            routes=[Route(path, self._answering(path, one), methods=["POST"])
                    for path, one in work.items()]
        )  # fmt: skip

    def deposit(self, amount: int, day: date, reference: str = "in") -> None:
        """Money that came in, minor units."""
        self.rows.append(Row(day, amount, reference))

    def _answering(
        self, path: str, work: Callable[[dict[str, Any]], str | None]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def receive(request: Request) -> Response:
            heard = await self._peer.hear(request)
            if isinstance(heard, Response):
                return heard
            nonce, asked = heard
            said = work(asked)
            if self.trouble.status is not None:
                return Response("unavailable", self.trouble.status)
            return self._peer.answer(path, nonce, {"message": said}, None)

        return receive

    def _take(self, asked: dict[str, Any]) -> str | None:
        id_, text = asked["id"], asked["message"].encode()
        self.received.append(id_)
        if id_ not in self.files:
            message = read(text, Version.V09, "CstmrCdtTrfInitn")
            found = message.iterfind("PmtInf/CdtTrfTxInf")
            self.files[id_] = dict(self._pay(transfer) for transfer in found)
        return report_message(id_, self.files[id_], self._clock.now())

    def _pay(self, transfer: Element) -> tuple[str, Line]:
        id_ = text_of(transfer, "PmtId/EndToEndId")
        amount, _ = amount_of(transfer, "Amt/InstdAmt")
        ending = text_of(transfer, "CdtrAcct/Id/Othr/Id")[-2:]
        if ending == _REJECTED:
            return id_, Line("RJCT", amount, "AC04")
        if ending == _PENDING:
            return id_, Line("ACSP", amount)
        self._move(id_, amount)
        if ending == _RETURNED:
            day = civil_date(self._clock.now()) + _DAY
            self.rows.append(Row(day, amount, f"rtn-{id_}", id_, returned=True))
        return id_, Line("ACSC", amount)

    def _move(self, id_: str, amount: int) -> None:
        self.rows.append(Row(civil_date(self._clock.now()), -amount, f"bk-{id_}", id_))

    def _report(self, asked: dict[str, Any]) -> str | None:
        taken = self.files.get(asked["id"])
        if taken is None:
            return None
        for id_, line in taken.items():
            if line.status == "ACSP":
                self._move(id_, line.amount)
                taken[id_] = Line("ACSC", line.amount)
        return report_message(asked["id"], taken, self._clock.now())

    def _state(self, asked: dict[str, Any]) -> str | None:
        day = date.fromisoformat(asked["day"])
        if day >= civil_date(self._clock.now()):
            return None
        closing = sum(row.amount for row in self.rows if row.day <= day)
        rows = [row for row in self.rows if row.day == day]
        return statement_message(day, closing, rows, self._clock.now())
