"""WeChat Pay's bills as `Bills`: asked for by a signed call, fetched from where it says.

The file itself is not signed: its SHA-1 over the unpacked bytes, told in the signed answer, is all
that binds it. A bill of a day is there from 10:00 on the next, for three months; the address lives
5 minutes. 3 calls a second for the fund flow.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import io
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit

import httpx

from anfu.channels.bills.bill import BillFile, BillKind, FundLine, NoBill, TradeLine
from anfu.channels.wechat.funds import read_funds
from anfu.channels.wechat.line import Line, Said
from anfu.channels.wechat.member import CHANNEL, Member
from anfu.channels.wechat.reasons import meaning_of
from anfu.channels.wechat.trades import read_trades
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Outcome, OutsideFailure, Refused
from anfu.kernel.ids import Entropy

PACKED_MAX = 512 * 1024 * 1024
UNPACKED_MAX = 4 * 1024 * 1024 * 1024
_DOWNLOAD_S = 120.0
_CHUNK = 1024 * 1024
_CALLS = {
    BillKind.TRADE: "/v3/bill/tradebill?bill_date={day}&bill_type=ALL&tar_type=GZIP",
    BillKind.FUND: "/v3/bill/fundflowbill?bill_date={day}&account_type=BASIC&tar_type=GZIP",
}
_NO_BILL = {"NO_STATEMENT_EXIST": NoBill.EMPTY, "STATEMENT_CREATING": NoBill.LATER}


class WechatBills:
    """A `Bills`. `transport` as for the channel; close when done."""

    def __init__(
        self,
        member: Member,
        *,
        clock: Clock,
        entropy: Entropy,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._member = member
        patient = replace(member, timeout_s=_DOWNLOAD_S)
        self._line = Line(patient, clock=clock, entropy=entropy, transport=transport)

    async def fetch(self, kind: BillKind, day: date) -> BillFile | NoBill:
        """The packed file. Raises OutsideFailure, also for one whose hash is another."""
        try:
            said = await self._line.ask("GET", _CALLS[kind].format(day=day.isoformat()))
            if said.status != 200:
                return _no_bill(said)
            target, digest = self._place(said)
            reply = await self._line.send("GET", target, most_bytes=PACKED_MAX)
            if reply.status != 200:
                raise OutsideFailure(Outcome.UNKNOWN, f"http_{reply.status}")
            check_digest(reply.body, digest)
        except Refused as refusal:
            theirs = refusal.code.startswith("message_")
            reason = "answer_untrusted" if theirs else "merchant_misconfigured"
            raise OutsideFailure(Outcome.UNKNOWN, reason) from refusal
        name = f"{CHANNEL}-{kind.lower()}-{day.isoformat()}.csv.gz"
        return BillFile(CHANNEL, kind, day, name, reply.body)

    def trades(self, file: BillFile) -> Iterator[TradeLine]:
        return read_trades(file.content, self._member.merchant)

    def funds(self, file: BillFile) -> Iterator[FundLine]:
        return read_funds(file.content)

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._line.aclose()

    def _place(self, said: Said) -> tuple[str, str]:
        """Path and query of the file, at the network's own host, and its SHA-1."""
        url, digest = said.value.get("download_url"), said.value.get("hash_value")
        if said.value.get("hash_type") != "SHA1" or not isinstance(digest, str):
            raise Refused("message_malformed", field="hash_type")
        host = self._member.url
        if not isinstance(url, str) or not url.startswith(f"{host}/"):
            raise OutsideFailure(Outcome.UNKNOWN, "answer_misplaced")
        parts = urlsplit(url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path, digest


def check_digest(content: bytes, digest: str, *, most_bytes: int = UNPACKED_MAX) -> None:
    """Raises Refused("message_forged") unless `digest` is the SHA-1 in hex of the unpacked bytes,
    byte order mark and CRLF included; ("message_malformed") for no archive or too large a one."""
    sha1 = hashlib.sha1(usedforsecurity=False)
    size = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as unpacked:
            while part := unpacked.read(_CHUNK):
                size += len(part)
                if size > most_bytes:
                    raise Refused("message_malformed", field="size")
                sha1.update(part)
    except (OSError, EOFError, zlib.error):
        raise Refused("message_malformed", field="archive") from None
    if not hmac.compare_digest(sha1.hexdigest(), digest.lower()):
        raise Refused("message_forged", field="hash_value")


def _no_bill(said: Said) -> NoBill:
    if (answer := _NO_BILL.get(said.code or "")) is not None:
        return answer
    raise OutsideFailure(Outcome.UNKNOWN, meaning_of(said.code).reason)
