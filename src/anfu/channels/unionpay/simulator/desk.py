"""What the made-up UnionPay does with a request that it has verified."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from anfu.channels.sandbox.faults import Fault
from anfu.channels.unionpay.messages import Fields, beijing, moment_of
from anfu.channels.unionpay.scenes import APP, BACK, PAY
from anfu.channels.unionpay.simulator.mishaps import Mishap, Mishaps
from anfu.channels.unionpay.simulator.orders import Orders, Record
from anfu.channels.unionpay.simulator.statements import (
    Mistake,
    error_rows,
    file_content,
    net_of,
    packed,
    trade_rows,
)
from anfu.kernel.clock import Clock
from anfu.kernel.ids import Entropy
from anfu.kernel.periods import SHANGHAI

_READY = time(9)  # of the day after a settlement date (T+1)
_DECLINES = {"insufficient_funds": "64", "stolen_card": "63", "expired_card": "73"}
_CODE_SUBTYPE = "07"


class Desk:
    """`tell` is called with each record that is done. `mishaps` may be changed while it runs."""

    def __init__(
        self, mishaps: Mishaps, tell: Callable[[Record], None], *, clock: Clock, entropy: Entropy
    ) -> None:
        self.orders, self.mishaps = Orders(), mishaps
        self.mistakes: dict[date, list[Mistake]] = {}
        self._tell, self._clock, self._entropy = tell, clock, entropy
        self._asked: dict[str, int] = {}
        self._traces = 0

    def submit(self, endpoint: str, fields: Fields, origin: str) -> Fields:
        """The answer to a payment, refund or reversal. The same again is answered as before while
        the payer is awaited; once it is decided, and with another content, it is repeated (12)."""
        known = self.orders.find(fields["orderId"])
        if known is not None and (known.code is not None or not known.same_as(fields)):
            return {"respCode": "12"}
        record = known or self.orders.put(Record(fields, self._entropy.bytes(10).hex()))
        if fields["txnType"] != PAY:
            return {"respCode": self._give_back(record)}
        if endpoint == APP:
            return {"respCode": "00", "tn": record.tn}
        if fields["txnSubType"] == _CODE_SUBTYPE:
            return {"respCode": "00", "qrCode": f"{origin}/pay/{record.tn}"}
        if endpoint == BACK:
            self._take(record)
        return {"respCode": "00"}

    def query(self, fields: Fields) -> Fields:
        """The answer to a query of a payment, refund or reversal."""
        number = fields["orderId"]
        self._asked[number] = nth = self._asked.get(number, 0) + 1
        if self.mishaps.hits(Mishap.RATE_LIMIT, f"{number} {nth}"):
            return {"respCode": "37"}
        record = self.orders.find(number)
        if record is None or record.fields["txnTime"] != fields["txnTime"] or record.code is None:
            return {"respCode": "34"}
        if nth == 1 and self.mishaps.faults.hits(Fault.PROCESSING, number):
            return {"respCode": "00", "origRespCode": "05"}
        names = ("txnAmt", "currencyCode", "reqReserved")
        said = {name: record.fields[name] for name in names if name in record.fields}
        return {
            "respCode": "00", "origRespCode": record.code, "queryId": record.query_id, **said
        }  # fmt: skip

    def act(self, record: Record, *, pays: bool) -> str | None:
        """The payer pays, or goes away; what he is refused with, or None. Going away decides
        nothing: he may come back until payTimeout."""
        late = self._clock.now() >= moment_of(record.fields["payTimeout"], "payTimeout")
        if record.code is not None:
            return "12"
        if late and not self.mishaps.hits(Mishap.LATE_SUCCESS, record.fields["orderId"]):
            return "39"
        if pays:
            self._finish(record, "00")
        return None

    def decline(self, record: Record, code: str) -> None:
        """The bank refuses the payer's card, for good."""
        self._finish(record, code)

    def bill(self, fields: Fields) -> Fields:
        """The answer to a request for a bill: 98 before it is made, and when there is nothing."""
        now = self._clock.now().astimezone(SHANGHAI)
        year = now.year - (fields["settleDate"] > f"{now:%m%d}")
        day = datetime.strptime(f"{year}{fields['settleDate']}", "%Y%m%d").date()  # noqa: DTZ007
        records, mistakes = self.orders.settled(day), self.mistakes.get(day, [])
        ready = datetime.combine(day + timedelta(days=1), _READY, SHANGHAI)
        if now < ready or not (records or mistakes):
            return {"respCode": "98", "settleDate": fields["settleDate"]}
        pairs = [(record, self.orders.original(record)) for record in records]
        files = {"ZM": trade_rows(pairs, fields["merId"], self.mishaps)}
        if mistakes:
            files["ZME"] = error_rows(mistakes)
        return {
            "respCode": "00",
            "settleDate": fields["settleDate"],
            "fileName": f"{fields['merId']}_{day:%Y%m%d}.zip",
            "fileContent": file_content(packed(day, fields["merId"], files)),
        }

    def settle(self, day: date) -> int:
        """What reaches the merchant's bank for a settlement date, in fen; negative: is drawn."""
        return sum(map(net_of, self.orders.settled(day))) + sum(
            mistake.net for mistake in self.mistakes.get(day, [])
        )

    def mistake(self, day: date, net: int) -> None:
        """An error of `net` fen is settled on that date."""
        self._traces += 1
        at = beijing(datetime.combine(day, time(12), SHANGHAI))[4:]
        self.mistakes.setdefault(day, []).append(Mistake(f"{self._traces:06d}", at, net))

    def _take(self, record: Record) -> None:
        number = record.fields["orderId"]
        token = record.fields.get("tokenPayData", "").removeprefix("{token=").partition("&")[0]
        reason = self.mishaps.faults.decline_reason(number, token)
        self._finish(record, "00" if reason is None else _DECLINES[reason])

    def _give_back(self, record: Record) -> str:
        code = self.orders.back_code(record.fields)
        self._finish(record, code)
        return code

    def _finish(self, record: Record, code: str) -> None:
        self._traces += 1
        now = self._clock.now()
        query_id = f"{beijing(now)}{self._traces:06d}8"
        done = self.orders.finish(record, code, query_id, now)
        if code == "00":
            self._tell(done)
