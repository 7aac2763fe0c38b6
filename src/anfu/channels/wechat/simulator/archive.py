"""Bills as the network hands them out: announced with a hash, fetched by a token."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from anfu.channels.wechat.simulator.desk import Desk
from anfu.channels.wechat.simulator.orders import Declined
from anfu.channels.wechat.simulator.statements import fund_bill, trade_bill
from anfu.kernel.ids import Entropy
from anfu.kernel.periods import SHANGHAI, civil_date

_FROM = time(10)
FILE = "/v3/billdownload/file"


class Archive:
    """The bills of `desk`; a file is there once it was announced."""

    def __init__(self, desk: Desk, *, entropy: Entropy) -> None:
        self._desk, self._entropy = desk, entropy
        self._files: dict[str, bytes] = {}

    def announce(self, kind: str, query: Mapping[str, str], *, now: datetime) -> dict[str, str]:
        """Where the bill `kind` (tradebill, fundflowbill) lies. Raises Declined, ValueError."""
        day = date.fromisoformat(query["bill_date"])
        if day >= civil_date(now):
            raise Declined(400, "PARAM_ERROR")
        if now < datetime.combine(day + timedelta(days=1), _FROM, SHANGHAI):
            raise Declined(400, "STATEMENT_CREATING")
        content = self._content(kind, day)
        if content is None:
            raise Declined(400, "NO_STATEMENT_EXIST")
        token = self._entropy.bytes(16).hex()
        self._files[token] = gzip.compress(content, mtime=0)
        return {
            "hash_type": "SHA1",
            "hash_value": hashlib.sha1(content, usedforsecurity=False).hexdigest(),
            "download_url": f"{self._desk.peer.url}{FILE}?token={token}",
        }

    def file(self, token: str) -> bytes:
        """The packed bill. Raises Declined for an unknown token."""
        if token not in self._files:
            raise Declined(404, "RESOURCE_NOT_EXISTS")
        return self._files[token]

    def _content(self, kind: str, day: date) -> bytes | None:
        desk = self._desk
        if kind == "fundflowbill":
            return fund_bill(desk.funds.movements, day)
        return trade_bill(desk.orders.all.values(), desk.peer.merchant, day, desk.troubles)
