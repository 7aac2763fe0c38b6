"""The network's bills over the wire: an address that lives 30 seconds, and the file behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from anfu.channels.alipay.simulator.book import Book
from anfu.channels.alipay.simulator.call import Call, Trouble
from anfu.channels.alipay.simulator.faults import WireFaults
from anfu.channels.alipay.simulator.statements import fund_bill, trade_bill
from anfu.kernel.clock import Clock
from anfu.kernel.ids import Entropy
from anfu.kernel.periods import SHANGHAI

BILL = "alipay.data.dataservice.bill.downloadurl.query"
_READY = time(9)
_LIFE = timedelta(seconds=30)


class Library:
    """A bill is made from nine o'clock of the next day on (Beijing)."""

    def __init__(self, book: Book, *, clock: Clock, entropy: Entropy) -> None:
        self._book, self._clock, self._entropy = book, clock, entropy
        self._lent: dict[str, tuple[datetime, bytes]] = {}

    def lend(self, call: Call, faults: WireFaults) -> Mapping[str, str]:
        """Where the bill may be fetched. Raises Trouble."""
        try:
            day = date.fromisoformat(str(call.content.get("bill_date")))
        except ValueError:
            raise Trouble("isv.invalid-arguments") from None
        ready = datetime.combine(day + timedelta(days=1), _READY, SHANGHAI)
        content = self._made(str(call.content.get("bill_type")), day, faults)
        if call.now < ready or content is None:
            raise Trouble("isp.bill_not_exist")
        token = self._entropy.bytes(16).hex()
        self._lent[token] = call.now + _LIFE, content
        return {"bill_download_url": f"{call.base_url}/bill/{token}"}

    def fetch(self, token: str) -> bytes | None:
        """The file, None once its time is over."""
        until, content = self._lent.get(token, (self._clock.now(), b""))
        return content if self._clock.now() < until else None

    def _made(self, kind: str, day: date, faults: WireFaults) -> bytes | None:
        if kind == "trade":
            return trade_bill(self._book, day, faults)
        if kind == "signcustomer":
            return fund_bill(self._book, day)
        raise Trouble("isv.invalid-arguments")
