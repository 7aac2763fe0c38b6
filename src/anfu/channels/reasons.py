"""Why a network did not do what it was asked: one catalogue for all networks (失败原因).

What a network says in its own words becomes one of these codes, so that a payer is told the same
of the same thing: what happened, whose fault it is, what to do next, and whether it may be tried
again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from types import MappingProxyType


class Fault(StrEnum):
    """Whose matter it is."""

    PAYER = "PAYER"
    MERCHANT = "MERCHANT"
    INSTITUTION = "INSTITUTION"
    NETWORK = "NETWORK"


class Retry(StrEnum):
    """NEVER with these means; PAYER: once the payer has done what `next` says; LATER: the same
    again after a while; ROUTE: at once, through another network of the same method."""

    NEVER = "NEVER"
    PAYER = "PAYER"
    LATER = "LATER"
    ROUTE = "ROUTE"


@dataclass(frozen=True, slots=True)
class Reason:
    """Texts in English and Chinese: what happened, and what to do."""

    fault: Fault
    retry: Retry
    en: str
    zh: str
    next_en: str
    next_zh: str


def _read() -> dict[str, Reason]:
    text = resources.files("anfu.channels").joinpath("reasons.csv").read_text("utf-8")
    rows = csv.DictReader(io.StringIO(text))
    return {
        row.pop("code"): Reason(Fault(row.pop("fault")), Retry(row.pop("retry")), **row)
        for row in rows
    }


REASONS: Mapping[str, Reason] = MappingProxyType(_read())
_UNHEARD = frozenset({
    "timed_out", "connection_lost", "not_sent", "network_busy", "answer_too_large",
    "answer_untrusted", "answer_misplaced", "message_forged", "message_stale",
    "message_malformed", "message_misdirected",
})  # fmt: skip


def reason_of(code: str) -> Reason:
    """The reason of a code; one that is not in the catalogue is a decline, said by nobody's fault
    but to be read by staff, and an error page is a network out of order."""
    if code.startswith("http_") or code in _UNHEARD - REASONS.keys():
        return REASONS["network_busy"]
    return REASONS.get(code, REASONS["declined"])


def unheard(code: str | None) -> bool:
    """Whether the network was not heard: it is out of order, or what came was not its word."""
    return code is not None and (code in _UNHEARD or code.startswith("http_"))
