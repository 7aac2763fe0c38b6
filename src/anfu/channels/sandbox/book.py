"""The network's own records: which payments and refunds it has done, declined or closed.

In memory, with an append-only journal of canonical JSON lines when a file is named, so that a
restart remembers. The last line may be torn by a crash; then that change was never answered.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from anfu.channels.sandbox.statements import Statement, write_statement
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.clock import Clock


class Book:
    """Every change is in the journal before it is answered. One event loop at a time."""

    def __init__(self, journal: Path | None = None, *, clock: Clock) -> None:
        self._clock = clock
        self._moves: list[tuple[datetime, Statement]] = []
        self._payments: dict[str, tuple[Statement, str | None]] = {}
        self._refunds: dict[str, Statement] = {}
        self._refunded: dict[str, int] = {}
        self._file = None
        if journal is not None:
            self._recover(journal)
            self._file = journal.open("ab")

    def pay(self, wanted: Statement, card: str | None) -> tuple[Statement, bool]:
        """The statement on a payment `wanted` (PAID or DECLINED), and whether it is new.

        A known id is answered as it stands; with another content it is a CONFLICT.
        """
        assert wanted.payment is not None
        known = self._payments.get(wanted.payment)
        if known is None:
            return self._note(wanted, card), True
        said, used = known
        same = (said.amount, said.currency, used) == (wanted.amount, wanted.currency, card)
        return (said if said.state == "CLOSED" or same else _conflict(wanted)), False

    def close(self, payment: str) -> Statement:
        """CLOSED for ever, unless it was paid or declined before: then that. An unknown id is
        closed too, so that a request still on its way finds it so."""
        known = self._payments.get(payment)
        if known is not None:
            return known[0]
        closed = Statement(payment, None, "CLOSED", None, "closed", None, None)
        return self._note(closed, None)

    def reopen(self, payment: str) -> None:
        """What was closed may be paid after all, as no network should have it."""
        del self._payments[payment]

    def refund(self, wanted: Statement) -> tuple[Statement, bool]:
        """The statement on a refund `wanted` (REFUNDED), and whether it is new. A refund of what
        is not paid, or of more than is left, is DECLINED for ever."""
        assert wanted.payment is not None and wanted.refund is not None
        known = self._refunds.get(wanted.refund)
        if known is None:
            return self._note(self._judged(wanted), None), True
        content = ("payment", "amount", "currency")
        same = all(getattr(known, name) == getattr(wanted, name) for name in content)
        return (known if same else _conflict(wanted)), False

    def payment(self, id: str) -> Statement:  # noqa: A002
        known = self._payments.get(id)
        missing = Statement(id, None, "NOT_FOUND", None, "not_found", None, None)
        return missing if known is None else known[0]

    def refund_of(self, id: str) -> Statement:  # noqa: A002
        missing = Statement(None, id, "NOT_FOUND", None, "not_found", None, None)
        return self._refunds.get(id, missing)

    @property
    def moves(self) -> Sequence[tuple[datetime, Statement]]:
        """What was paid and refunded and when, in that order."""
        return self._moves

    def close_journal(self) -> None:
        if self._file is not None:
            self._file.close()

    def _judged(self, wanted: Statement) -> Statement:
        assert wanted.payment is not None and wanted.amount is not None
        paid = self.payment(wanted.payment)
        reason = None
        if paid.state != "PAID" or paid.amount is None:
            reason = "payment_not_paid"
        elif paid.currency != wanted.currency:
            reason = "currency_mismatch"
        elif self._refunded.get(wanted.payment, 0) + wanted.amount > paid.amount:
            reason = "refund_exceeds_payment"
        if reason is None:
            return wanted
        return Statement(
            wanted.payment, wanted.refund, "DECLINED", None, reason, wanted.amount, wanted.currency
        )

    def _note(self, said: Statement, card: str | None) -> Statement:
        at = self._clock.now()
        if self._file is not None:
            known = {**write_statement(said), "card": card, "at": at.isoformat()}
            self._file.write(canonical_bytes(known) + b"\n")
            self._file.flush()
        self._remember(said, card, at)
        return said

    def _remember(self, said: Statement, card: str | None, at: datetime) -> None:
        if said.state in ("PAID", "REFUNDED"):
            self._moves.append((at, said))
        if said.refund is None:
            assert said.payment is not None
            self._payments[said.payment] = (said, card)
            return
        self._refunds[said.refund] = said
        if said.state == "REFUNDED":
            assert said.payment is not None and said.amount is not None
            self._refunded[said.payment] = self._refunded.get(said.payment, 0) + said.amount

    def _recover(self, journal: Path) -> None:
        written = journal.read_bytes() if journal.exists() else b""
        whole = written[: written.rfind(b"\n") + 1]
        if whole != written:
            journal.write_bytes(whole)
        for line in whole.splitlines():
            value: dict[str, Any] = json.loads(line)
            card, at = value.pop("card"), datetime.fromisoformat(value.pop("at"))
            self._remember(Statement(**value), card, at)


def _conflict(wanted: Statement) -> Statement:
    return Statement(
        wanted.payment, wanted.refund, "CONFLICT", None, "content_conflict", None, None
    )
