"""The network's notices: forms, signed, posted until they are answered with `success`.

Retries come 4 min, 10 min, 10 min, 1 h, 2 h, 6 h and 15 h after one another, always the same bytes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

import httpx

from anfu.channels.alipay.amounts import write_amount
from anfu.channels.alipay.signing import notice_texts, sign, write_time
from anfu.channels.alipay.simulator.book import CLOSED, SUCCESS, Refund, Trade
from anfu.channels.alipay.simulator.faults import WireFault, WireFaults
from anfu.channels.alipay.simulator.keys import APP_ID, SELLER_ID, NetworkKeys
from anfu.channels.sandbox.faults import Fault
from anfu.kernel.clock import Clock
from anfu.kernel.ids import Entropy

_log = logging.getLogger(__name__)
_MINUTE = timedelta(minutes=1)
RETRIES = tuple(minutes * _MINUTE for minutes in (4, 10, 10, 60, 120, 360, 900))
_HELD_BACK = 2 * _MINUTE
_PAUSE_S = 0.2


@dataclass(slots=True)
class Mail:
    """A notice on its way; `tries` have failed."""

    url: str
    body: bytes
    due: datetime
    tries: int = 0


class Courier:
    """Brings notices when they are due on `clock`. `transport` replaces the wire."""

    def __init__(
        self,
        keys: NetworkKeys,
        *,
        clock: Clock,
        entropy: Entropy,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._keys, self._clock, self._entropy = keys, clock, entropy
        self._http = httpx.AsyncClient(transport=transport, timeout=5, trust_env=False)
        self.waiting: list[Mail] = []

    def tell(self, trade: Trade, refund: Refund | None, url: str, faults: WireFaults) -> None:
        """Put the notice of what happened to a trade on its way; faults may multiply it."""
        number = trade.offer.number
        about = f"{number}/{refund.number if refund else ''}/{trade.state}"
        if faults.hits(Fault.LOSE_NOTICE, about):
            return
        now = self._clock.now()
        due = now + _HELD_BACK if faults.hits(Fault.REORDER_NOTICE, about) else now
        for wrong in self._wrong(trade, faults, about):
            self.waiting.append(Mail(url, self._signed(trade, refund, now, wrong), now))
        body = self._signed(trade, refund, now, {})
        copies = 2 if faults.hits(Fault.REPEAT_NOTICE, about) else 1
        self.waiting += [Mail(url, body, due) for _ in range(copies)]

    async def turn(self) -> int:
        """Send what is due, the oldest first, and return how many were sent."""
        now = self._clock.now()
        due = sorted((mail for mail in self.waiting if mail.due <= now), key=lambda mail: mail.due)
        for mail in due:
            self.waiting.remove(mail)
            if not await self._post(mail) and mail.tries < len(RETRIES):
                later = now + RETRIES[mail.tries]
                self.waiting.append(Mail(mail.url, mail.body, later, mail.tries + 1))
        return len(due)

    async def run(self) -> None:
        """Turn until cancelled, in real time."""
        while True:
            await self.turn()
            await asyncio.sleep(_PAUSE_S)

    async def aclose(self) -> None:
        """Let go of the connections; what is on its way is dropped."""
        await self._http.aclose()

    def _wrong(self, trade: Trade, faults: WireFaults, about: str) -> Iterator[dict[str, str]]:
        """What a contradictory notice, or one of a wrong amount, says otherwise."""
        if trade.state != SUCCESS:
            return
        if faults.hits(WireFault.CONTRADICT, about):
            yield {"trade_status": CLOSED, "gmt_payment": ""}
        if faults.hits(Fault.WRONG_AMOUNT, about):
            yield {"total_amount": write_amount(trade.offer.amount + 1)}

    def _signed(
        self, trade: Trade, refund: Refund | None, now: datetime, wrong: dict[str, str]
    ) -> bytes:
        """The form; `sign_type` stands in it and is not signed."""
        values = {**notice_values(trade, refund, now=now), **wrong}
        values["notify_id"] = self._entropy.bytes(17).hex()
        full = {name: value for name, value in values.items() if value}
        signature = sign(notice_texts(full)[0].encode(), self._keys.own())
        return urlencode({**full, "sign_type": "RSA2", "sign": signature}).encode()

    async def _post(self, mail: Mail) -> bool:
        form = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        try:
            response = await self._http.post(mail.url, content=mail.body, headers=form)
        except httpx.HTTPError as error:
            _log.info("notice not taken: %s", type(error).__name__)
            return False
        return response.status_code == 200 and response.content.strip() == b"success"


def notice_values(trade: Trade, refund: Refund | None, *, now: datetime) -> dict[str, str]:
    """What a notice says, unsigned. A refund's `refund_fee` is the sum of all."""
    amount = write_amount(trade.offer.amount)
    values = {
        "notify_type": "trade_status_sync",
        "notify_time": write_time(now),
        "charset": "utf-8",
        "version": "1.0",
        "app_id": APP_ID,
        "auth_app_id": APP_ID,
        "seller_id": SELLER_ID,
        "out_trade_no": trade.offer.number,
        "trade_no": trade.reference,
        "trade_status": trade.state,
        "subject": trade.offer.subject,
        "total_amount": amount,
        "gmt_create": write_time(trade.made_at),
        "gmt_payment": write_time(trade.paid_at) if trade.paid_at else "",
        "gmt_close": write_time(trade.closed_at) if trade.closed_at else "",
    }
    if refund is not None:
        values["gmt_refund"] = f"{write_time(refund.at)}.143"
        values["refund_fee"] = write_amount(trade.refunded)
        values["out_biz_no"] = refund.number
    return values
