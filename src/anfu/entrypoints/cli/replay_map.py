"""The map of a payment history: which column of the file is what, and what no column says.

A TOML file; `docs/examples/handbook.toml` is one with every line explained.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct

from anfu.kernel.currencies import EXPONENTS

_FIELD = re.compile(r"unknown field `([^`]*)`")
_MISSING = re.compile(r"missing required field `([^`]*)`")


class MapError(ValueError):
    """The map does not fit itself or the file; the text says what and how to mend it."""


class Columns(Struct, frozen=True, forbid_unknown_fields=True):
    """Names of columns of the file; those from `terminal` on are for back-tests."""

    id: str
    at: str
    payer: str
    payee: str
    amount: str
    currency: str | None = None
    card: str | None = None
    device: str | None = None
    address: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    description: str | None = None
    terminal: str | None = None
    phone: str | None = None
    payee_kind: str | None = None
    mcc: str | None = None
    promotion: str | None = None
    outcome: str | None = None
    state: str | None = None
    refunded: str | None = None
    fraud: str | None = None
    told_at: str | None = None


class Times(Struct, frozen=True, forbid_unknown_fields=True):
    """`zone` is that of times which name none, and of --from and --to."""

    form: Literal["iso", "unix_s", "unix_ms"] = "iso"
    zone: str = "UTC"


class Amounts(Struct, frozen=True, forbid_unknown_fields=True):
    """`major`: 12.50 means 12.50 yuan; `minor`: 1250 does. `currency` is for rows without one."""

    unit: Literal["major", "minor"] = "major"
    currency: str = "CNY"


class Labels(Struct, frozen=True, forbid_unknown_fields=True):
    """When it was told what a payment had been, for files that do not say."""

    told_after_days: Annotated[float, Meta(ge=0)] = 7


class Payments(Struct, frozen=True, forbid_unknown_fields=True):
    """How the payments are made. `card`: the token of rows without one, for a card network."""

    method: str = "balance"
    card: str | None = None
    factors: tuple[str, ...] = ("password", "sms_code")


class Customers(Struct, frozen=True, forbid_unknown_fields=True):
    """What customers are opened with; `deposit` in minor units, 0 for none."""

    account_class: Literal[1, 2, 3] = 3
    deposit: Annotated[int, Meta(ge=0)] = 0


class FileMap(Struct, frozen=True, forbid_unknown_fields=True):
    """`source` names the history: equal ids of two sources are two payments."""

    source: Annotated[str, Meta(pattern="^[a-z0-9_-]{1,32}$")]
    columns: Columns
    times: Times = Times()
    amounts: Amounts = Amounts()
    payments: Payments = Payments()
    customers: Customers = Customers()
    labels: Labels = Labels()

    @property
    def currencies(self) -> tuple[str, ...]:
        """Currencies an installation must take: CNY, the legal limits' own, among them."""
        return tuple(sorted({"CNY", self.amounts.currency}))


_SECTIONS = {"columns": Columns, "times": Times, "amounts": Amounts, "payments": Payments,
             "customers": Customers, "labels": Labels}  # fmt: skip


def read_map(path: Path) -> FileMap:
    """Raises MapError."""
    try:
        return parse_map(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise MapError(f"{path}: {error}") from None


def parse_map(text: str) -> FileMap:
    """Raises MapError."""
    try:
        found = msgspec.convert(tomllib.loads(text), FileMap)
    except tomllib.TOMLDecodeError as error:
        raise MapError(f"the map is not TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise MapError(_explained(str(error))) from None
    if found.amounts.currency not in EXPONENTS:
        raise MapError(_unknown("currency", found.amounts.currency, list(EXPONENTS)))
    try:
        ZoneInfo(found.times.zone)
    except (KeyError, ValueError, OSError):
        raise MapError(f"times.zone: there is no time zone {found.times.zone!r}") from None
    if found.payments.method != "balance" and not (found.payments.card or found.columns.card):
        raise MapError("payments.method is a card network: name payments.card or columns.card")
    return found


def check_columns(map_: FileMap, there: Sequence[str]) -> dict[str, str]:
    """The columns of the file by what they are; raises MapError for one that is not there."""
    named = msgspec.structs.asdict(map_.columns)
    wanted = {what: column for what, column in named.items() if column is not None}
    for what, column in wanted.items():
        if column not in there:
            raise MapError(f"columns.{what}: " + _unknown("column of the file", column, there))
    return wanted


def _unknown(what: str, given: str, known: Sequence[str]) -> str:
    lower = {name.lower(): name for name in known}
    near = get_close_matches(given.lower(), lower, n=1, cutoff=0.3)
    hint = f"did you mean {lower[near[0]]}?" if near else f"there are: {', '.join(known)}"
    return f"{given!r} is no {what}; {hint}"


def _explained(error: str) -> str:
    place = re.search(r"at `\$\.?([^`]*)`", error)
    section = place[1] if place else ""
    known = _SECTIONS.get(section, FileMap).__struct_fields__
    if unknown := _FIELD.search(error):
        return f"{section or 'map'}: " + _unknown("setting", unknown[1], known)
    if missing := _MISSING.search(error):
        return f"{section or 'map'}: {missing[1]} is missing"
    return error
