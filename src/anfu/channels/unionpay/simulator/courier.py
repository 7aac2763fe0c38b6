"""The made-up network's notices: posted to backUrl until they are taken.

A notice is brought at once and, while it is not answered 200 or 302, again 1, 2, 4 and 5 minutes
after the time before: five times in all. Time is the clock's, so a test brings them by `turn`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from anfu.channels.sandbox.faults import Fault
from anfu.channels.unionpay.messages import Fields, write_form
from anfu.channels.unionpay.simulator.mishaps import Mishap, Mishaps
from anfu.kernel.clock import Clock

_log = logging.getLogger(__name__)
_PAUSES_MIN = (1, 2, 4, 5)
_TAKEN = (200, 302)
_PULSE_S = 0.2


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice and when it is brought for the `tries`th time, from 0."""

    due: datetime
    url: str
    fields: Fields
    tries: int = 0


class Courier:
    """`sign` makes fields a message of the network."""

    def __init__(
        self,
        sign: Callable[[Fields], Fields],
        *,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._sign, self._clock = sign, clock
        self._http = httpx.AsyncClient(timeout=10, trust_env=False, transport=transport)
        self._letters: list[Letter] = []

    def put(self, url: str, fields: Fields, mishaps: Mishaps) -> None:
        """Take a notice to be brought, as the faults will have it."""
        about, faults, now = fields["queryId"], mishaps.faults, self._clock.now()
        if faults.hits(Fault.LOSE_NOTICE, about):
            return
        if mishaps.hits(Mishap.CONTRADICTION, about):
            self._letters.append(Letter(now, url, {**fields, "respCode": "01"}))
        if faults.hits(Fault.WRONG_AMOUNT, about):
            wrong = str(int(fields["txnAmt"]) + 1)
            self._letters.append(Letter(now, url, {**fields, "txnAmt": wrong}))
        if faults.hits(Fault.REORDER_NOTICE, about):
            now += timedelta(milliseconds=faults.reorder_ms)
        copies = 2 if faults.hits(Fault.REPEAT_NOTICE, about) else 1
        self._letters.extend([Letter(now, url, fields)] * copies)

    async def turn(self) -> int:
        """Bring what is due; returns how many were brought."""
        now = self._clock.now()
        due = sorted((x for x in self._letters if x.due <= now), key=lambda x: x.due)
        self._letters = [x for x in self._letters if x.due > now]
        for letter in due:
            if not await self._bring(letter) and letter.tries < len(_PAUSES_MIN):
                pause = timedelta(minutes=_PAUSES_MIN[letter.tries])
                again = Letter(now + pause, letter.url, letter.fields, letter.tries + 1)
                self._letters.append(again)
        return len(due)

    async def run(self) -> None:
        """Bring notices in real time until cancelled."""
        while True:
            await self.turn()
            await asyncio.sleep(_PULSE_S)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _bring(self, letter: Letter) -> bool:
        headers = {"content-type": "application/x-www-form-urlencoded;charset=UTF-8"}
        body = write_form(self._sign(letter.fields))
        try:
            response = await self._http.post(letter.url, content=body, headers=headers)
        except httpx.HTTPError as error:
            _log.info("notice not taken: %s", type(error).__name__)
            return False
        return response.status_code in _TAKEN
