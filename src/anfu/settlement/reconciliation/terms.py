"""What is agreed with a channel, and how its differences are treated: read from a TOML file.

[sandbox]
since = 2026-11-23        # the first day that is reconciled
begins = 0                # hours before midnight at which its day begins
cut_off = 10              # hour of the next day from which its bill is fetched
rate_ppm = 6000           # its fee on payments; leave it out and fees are not compared
refund_fees = true        # it gives the fee of a refund back
tolerance = 0             # minor units by which one fee may differ
bank_text = "SANDBOX"     # names the channel in our bank's statement
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from anfu.kernel.errors import Refused
from anfu.kernel.money import MAX_MINOR

_Minor = Annotated[int, Meta(ge=0, le=MAX_MINOR)]


class Terms(Struct, frozen=True, forbid_unknown_fields=True):
    """Of one channel. `least` and `most`: bounds of a fee in minor units, `most` None without one.
    Cut-offs: WeChat Pay from 10:00, Alipay about 9:00 of the next day."""

    since: date | None = None
    begins: Annotated[int, Meta(ge=0, le=12)] = 0
    cut_off: Annotated[int, Meta(ge=0, le=23)] = 10
    rate_ppm: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    least: _Minor = 0
    most: _Minor | None = None
    refund_fees: bool = True
    tolerance: _Minor = 0
    fund_bill: bool = True
    bank_text: Annotated[str, Meta(min_length=2)] | None = None
    bank_days: Annotated[int, Meta(ge=1, le=60)] = 10


DEFAULT = Terms()


def read_terms(text: str) -> dict[str, Terms]:
    """The terms of each channel named; the table `bank` is that of `bank.columns`. Raises
    Refused(setting_invalid)."""
    try:
        tables = tomllib.loads(text)
        tables.pop("bank", None)
        return msgspec.convert(tables, dict[str, Terms])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Refused(
            "setting_invalid", field="reconciliation.toml", allowed=[str(error)]
        ) from None


def terms_of(all_terms: Mapping[str, Terms], channel: str) -> Terms:
    """Those of a channel; of one that is not named, those that compare no fees."""
    return all_terms.get(channel, DEFAULT)
