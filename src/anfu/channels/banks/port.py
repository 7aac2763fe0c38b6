"""The port of a bank that pays our merchants out.

A report says of each payment what the bank knows; a payment it does not mention is PENDING. A bank
that does not know the file has not taken it: the same file may be sent again, for the bank takes
the id of a file once (ISO 20022 MsgId).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True, repr=False)
class Party:
    """A name, and its account at a bank: `bank_code` is the bank's number in CNAPS (12 digits)."""

    name: str
    account: str
    bank_code: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """`amount` minor units to `creditor`; `id` is ours and comes back in every report."""

    id: str
    amount: int
    creditor: Party
    text: str


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """Transfers from `debtor`, to be made on `day`. `id` names the file for ever."""

    id: str
    currency: str
    day: date
    made_at: datetime
    debtor: Party
    transfers: Sequence[Transfer]


class Status(StrEnum):
    """PENDING: the bank has it and will pay, or has not decided."""

    PENDING = "PENDING"
    PAID = "PAID"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class Said:
    """What became of one transfer: `reason` an ISO 20022 code, `reference` the bank's own."""

    status: Status
    reason: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """By transfer. `known`: the bank has the file; False: it has not. `whole`: what it says of
    every transfer it does not mention; None: nothing yet."""

    known: bool
    said: Mapping[str, Said]
    whole: Said | None = None

    def of(self, transfer: str) -> Said:
        """What became of one transfer."""
        return self.said.get(transfer) or self.whole or Said(Status.PENDING)


@dataclass(frozen=True, slots=True)
class Booking:
    """One movement of our account: `amount` minor units, positive when money came in; `transfer`
    the id of ours that it is about, if the bank says so; `returned`: it undoes that one."""

    amount: int
    reference: str
    transfer: str | None
    returned: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """What our account was at the end of a civil day, minor units, and what moved on it."""

    day: date
    currency: str
    closing: int
    bookings: Sequence[Booking]


@dataclass(frozen=True, slots=True)
class ReserveAccount:
    """Our account (备付金账户) at a bank, as the line to it knows both."""

    bank: Bank
    debtor: Party


class Bank(Protocol):
    """One bank. Each call raises OutsideFailure(UNKNOWN) when nobody knows what it did, and
    BrokenInvariant in an open transaction."""

    async def submit(self, file: bytes, id_: str) -> Report:
        """Hand over the pain.001 of this id; the same file again changes nothing."""

    async def ask(self, file: str) -> Report:
        """What became of the file of this id."""

    async def statement(self, day: date, currency: str) -> Statement | None:
        """The statement of a day; None while there is none."""
