"""The three ways a call can fail. HTTP meanings are given in one table, in `entrypoints/api`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """We said no, and nothing was written.

    `code` is stable and documented; `field` names the part of the input at fault; `details` are
    JSON values that fill the text shown to the caller and travel beside it.
    """

    def __init__(self, code: str, *, field: str | None = None, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.details: Mapping[str, Any] = details

    def __str__(self) -> str:
        return self.code if self.field is None else f"{self.code} ({self.field})"


class Outcome(StrEnum):
    """How a call to the outside ended. A time-out is UNKNOWN, never NOT_DONE."""

    DONE = "DONE"
    NOT_DONE = "NOT_DONE"
    UNKNOWN = "UNKNOWN"


class OutsideFailure(Exception):  # noqa: N818
    """The world outside failed; `outcome` says whether the thing asked for may have happened."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(f"{outcome}: {reason}")
        self.outcome = outcome
        self.reason = reason


class BrokenInvariant(Exception):  # noqa: N818
    """We are wrong: something that cannot be has been seen. Never caught to go on."""
