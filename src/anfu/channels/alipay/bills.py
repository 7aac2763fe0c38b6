"""Alipay's bills (账单): `trade` for payments and refunds, `signcustomer` for the account.

A bill has no checksum of its own. What guards it: the address comes in a signed answer, TLS, the
archive's CRC, and the sums, which are compared with the rows. The address lives 30 seconds, so it
is used at once and never kept.

Alipay has no word for "nothing happened": a bill that does not exist is LATER until the hour
`Member.bill_final_hour` of the next day and EMPTY from then on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

import httpx

from anfu.channels.alipay.answers import Untrusted
from anfu.channels.alipay.archive import Archive, opened
from anfu.channels.alipay.gateway import Gateway
from anfu.channels.alipay.member import Member
from anfu.channels.alipay.reasons import meaning_of, short
from anfu.channels.alipay.rows import fund_line, trade_line
from anfu.channels.alipay.sheets import Row, Sheet
from anfu.channels.alipay.tallies import Tally
from anfu.channels.bills.bill import BillFile, BillKind, FundLine, NoBill, TradeLine
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.kernel.ids import Entropy
from anfu.kernel.periods import SHANGHAI

_METHOD = "alipay.data.dataservice.bill.downloadurl.query"
_KINDS = {BillKind.TRADE: "trade", BillKind.FUND: "signcustomer"}
_FILE_MOST = 256 << 20


class AlipayBills:
    """A `Bills`. `transport` replaces the wire; close when done. `entropy` as in the channel."""

    def __init__(
        self,
        member: Member,
        *,
        clock: Clock,
        entropy: Entropy,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._member, self._clock, self._entropy = member, clock, entropy
        self._gateway = Gateway(member, clock=clock, transport=transport)

    async def fetch(self, kind: BillKind, day: date) -> BillFile | NoBill:
        """The bill of a day. Raises OutsideFailure, and BrokenInvariant in an open transaction."""
        content = {"bill_type": _KINDS[kind], "bill_date": day.isoformat()}
        answer = await self._gateway.ask(_METHOD, content)
        if isinstance(answer, Untrusted):
            raise OutsideFailure(Outcome.UNKNOWN, "answer_untrusted")
        if short(answer.sub_code) == "BILL_NOT_EXIST":
            return NoBill.EMPTY if self._clock.now() >= self._final(day) else NoBill.LATER
        url = answer.text("bill_download_url")
        if answer.code != "10000" or not self._may_be_asked(url):
            reason = meaning_of(answer).code if answer.code != "10000" else "answer_misplaced"
            raise OutsideFailure(Outcome.UNKNOWN, reason)
        file = await self._gateway.exchange("GET", url, b"", most_bytes=_FILE_MOST)
        name = f"alipay-{_KINDS[kind]}-{day.isoformat()}.zip"
        return BillFile("alipay", kind, day, name, file)

    def trades(self, file: BillFile) -> Iterator[TradeLine]:
        """As the port says. Raises Refused(bill_malformed)."""
        tally = Tally()
        with opened(file.content) as archive:
            sheets: list[Sheet] = []
            for row in _rows(archive, sheets):
                tally.add_trade(row)
                yield trade_line(row)
            tally.compare(sheets)
            for entry in archive.sums:
                tally.compare_sums(Sheet(archive.lines(entry)).rows())
        tally.finish()

    def funds(self, file: BillFile) -> Iterator[FundLine]:
        """As the port says. Raises Refused(bill_malformed)."""
        tally = Tally()
        with opened(file.content) as archive:
            sheets: list[Sheet] = []
            for row in _rows(archive, sheets):
                tally.add_fund(row)
                yield fund_line(row)
            tally.compare(sheets)
        tally.finish()

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._gateway.aclose()

    def _final(self, day: date) -> datetime:
        hour = time(self._member.bill_final_hour)
        return datetime.combine(day + timedelta(days=1), hour, SHANGHAI)

    def _may_be_asked(self, url: str) -> bool:
        """Without TLS only where the gateway is spoken to without TLS."""
        return urlsplit(url).scheme in ("https", urlsplit(self._member.gateway).scheme)


def _rows(archive: Archive, sheets: list[Sheet]) -> Iterator[Row]:
    """The rows of all parts, numbered through; each part is put into `sheets` as it is begun."""
    number = 0
    for entry in archive.details:
        sheet = Sheet(archive.lines(entry), first=number + 1)
        sheets.append(sheet)
        for row in sheet.rows():
            number = row.number
            yield row
