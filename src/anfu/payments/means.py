"""Means: whether something can be paid with at all."""

from __future__ import annotations

from typing import Protocol

from anfu.kernel.errors import Refused
from anfu.payments.meeting import Meeting
from anfu.payments.payment import BALANCE
from anfu.payments.tools import Tools


class Paying(Protocol):
    """What somebody pays with, and how payer and network meet."""

    @property
    def method(self) -> str: ...
    @property
    def card(self) -> str | None: ...
    @property
    def code(self) -> str | None: ...
    @property
    def debit(self) -> str | None: ...
    @property
    def verified_by(self) -> str | None: ...
    @property
    def meeting(self) -> Meeting: ...


def check_means(paying: Paying, tools: Tools) -> None:
    """Raises Refused: method_unknown, debit_not_allowed, as `Meeting.check`."""
    if paying.method != BALANCE and not tools.routes_of(paying.method):
        raise Refused("method_unknown", field="method.type", known=[BALANCE, *tools.methods])
    paying.meeting.check(paying.method, paying.card, paying.code)
    if paying.method == BALANCE and (paying.debit or paying.verified_by):
        raise Refused("debit_not_allowed", field="method.debit")
