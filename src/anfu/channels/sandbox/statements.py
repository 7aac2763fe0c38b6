"""What the network says of a payment or refund, read from a verified body. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from anfu.kernel.errors import Outcome, Refused
from anfu.kernel.money import MAX_MINOR

# Only a decline or a close is NOT_DONE: "not found" may still arrive, and "conflict" speaks of
# another order under the same id.
OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        "PAID": Outcome.DONE,
        "REFUNDED": Outcome.DONE,
        "DECLINED": Outcome.NOT_DONE,
        "CLOSED": Outcome.NOT_DONE,
        "PROCESSING": Outcome.UNKNOWN,
        "NOT_FOUND": Outcome.UNKNOWN,
        "CONFLICT": Outcome.UNKNOWN,
    }
)
_FIELDS = ("payment", "refund", "state", "reference", "reason", "amount", "currency")
_TEXT = re.compile(r"[!-~]{1,64}")


@dataclass(frozen=True, slots=True)
class Statement:
    """`refund` is None when the statement is about the payment itself."""

    payment: str | None
    refund: str | None
    state: str
    reference: str | None
    reason: str | None
    amount: int | None
    currency: str | None

    @property
    def outcome(self) -> Outcome:
        return OUTCOMES[self.state]


def write_statement(statement: Statement) -> dict[str, Any]:
    """The statement as JSON values."""
    return {name: getattr(statement, name) for name in _FIELDS}


def read_statement(body: bytes) -> Statement:
    """Raises Refused("message_malformed") for anything that is not exactly a statement."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("message_malformed", field="body") from None
    if type(value) is not dict or set(value) != set(_FIELDS):
        raise Refused("message_malformed", field="body")
    statement = Statement(**value)
    texts = ("payment", "refund", "reference", "reason", "currency")
    if (
        any(not _is_text(getattr(statement, name)) for name in texts)
        or type(statement.state) is not str
        or statement.state not in OUTCOMES
        or not _is_amount(statement.amount)
        or (statement.outcome is Outcome.DONE and None in (statement.amount, statement.currency))
    ):
        raise Refused("message_malformed", field="body")
    return statement


def _is_text(value: object) -> bool:
    return value is None or (type(value) is str and _TEXT.fullmatch(value) is not None)


def _is_amount(value: object) -> bool:
    return value is None or (type(value) is int and 0 <= value <= MAX_MINOR)
