"""A bank at the other end of a signed line: messages in a JSON envelope, `{"message": "<xml …>"}`.

An answer counts only as `signed` says; what is not a message of ISO 20022 about the very file, or
day, that was asked for is UNKNOWN too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar

import msgspec

from anfu.channels.banks.camt053 import read_statement
from anfu.channels.banks.pain002 import read_report
from anfu.channels.banks.port import Report, Statement
from anfu.channels.signed import SignedLine, Unsaid
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Outcome, OutsideFailure, Refused

T = TypeVar("T")
FILES, REPORTS, STATEMENTS = "/v1/payment-files", "/v1/payment-reports", "/v1/statements"
# A report on a thousand payments, a statement of a day.
ANSWER_MAX = 4 * 1024 * 1024


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`message` None: the bank has no such file, or no statement yet."""

    message: str | None


class HttpBank:
    """A `Bank` at the other end of a signed line."""

    def __init__(self, line: SignedLine) -> None:
        self._line = line

    async def submit(self, file: bytes, id_: str) -> Report:
        body = canonical_bytes({"id": id_, "message": file.decode()})
        return await self._report(FILES, body, id_)

    async def ask(self, file: str) -> Report:
        return await self._report(REPORTS, canonical_bytes({"id": file}), file)

    async def statement(self, day: date, currency: str) -> Statement | None:
        body = canonical_bytes({"day": day.isoformat(), "currency": currency})
        message = await self._exchange(STATEMENTS, body)
        if message is None:
            return None
        return _read(lambda: read_statement(message, day, currency))

    async def _report(self, path: str, body: bytes, file: str) -> Report:
        message = await self._exchange(path, body)
        return Report(False, {}) if message is None else _read(lambda: read_report(message, file))

    async def _exchange(self, path: str, body: bytes) -> bytes | None:
        answer = await self._line.ask(path, body, most=ANSWER_MAX)
        if isinstance(answer, Unsaid):
            raise OutsideFailure(Outcome.UNKNOWN, answer.reason)
        try:
            told = msgspec.json.decode(answer, type=Told)
        except msgspec.MsgspecError:
            raise OutsideFailure(Outcome.UNKNOWN, "answer_malformed") from None
        return None if told.message is None else told.message.encode()


def _read(reading: Callable[[], T]) -> T:
    try:
        return reading()
    except Refused as refusal:
        raise OutsideFailure(Outcome.UNKNOWN, refusal.code) from None
