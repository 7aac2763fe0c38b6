"""Fetch: a day's bill is got from its channel, or handed in by a person, and kept as it came.

The first file of a channel's day and kind is in force at once. The same file again changes
nothing; another one is a new version, which waits for a second person (`replace`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256

from anfu.channels.bills.bill import BillFile, BillKind, Bills, NoBill
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import Entropy, new_id
from anfu.parties.keyring import KeyRing
from anfu.payments.tools import Tools
from anfu.settlement.reconciliation import queries
from anfu.settlement.reconciliation.bill import (
    FILE_MAX,
    PART_PREFIX,
    PREFIX,
    KeptBill,
    Version,
    file_name,
    no_file,
    whole,
)
from anfu.settlement.reconciliation.operations import bills as kept
from anfu.settlement.reconciliation.terms import Terms
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Desk:
    """What reconciling works with: the networks' bills and what is agreed with them, by channel."""

    tools: Tools
    bills: Mapping[str, Bills]
    terms: Mapping[str, Terms]


async def fetch(desk: Desk, channel: str, kind: BillKind, day: date) -> BillFile | NoBill:
    """From the channel, under its name: a network may be two channels. Raises
    Refused(channel_unknown), OutsideFailure."""
    file = await reader_of(desk.bills, channel).fetch(kind, day)
    return file if isinstance(file, NoBill) else replace(file, channel=channel)


def reader_of(bills: Mapping[str, Bills], channel: str) -> Bills:
    """Raises Refused(channel_unknown)."""
    found = bills.get(channel)
    if found is None:
        raise Refused("channel_unknown", field="channel", known=sorted(bills))
    return found


def kept_bill(file: BillFile, by: str, *, now: datetime, entropy: Entropy) -> KeptBill:
    """The bill a file becomes. Raises Refused(bill_too_large)."""
    if len(file.content) > FILE_MAX:
        raise Refused("bill_too_large", field="file", most=FILE_MAX)
    digest = sha256(file.content).digest() if file.content else no_file(*_name(file))
    return KeptBill(
        new_id(PREFIX, now=now, entropy=entropy), file.channel, file.kind, file.day,
        Version.IN_FORCE, file_name(file), digest, len(file.content), now, by,
    )  # fmt: skip


def nothing(channel: str, kind: BillKind, day: date) -> BillFile:
    """What stands for a channel's word that nothing happened."""
    return BillFile(channel, kind, day, "no statement", b"")


async def keep(
    tx: Tx, tools: Tools, packed: Sequence[bytes], bill: KeptBill
) -> tuple[KeptBill, bool]:
    """The bill as it is kept, and whether it is new: PROPOSED where another one is in force. The
    channel is locked."""
    await kept.lock_channel(tx, channel=bill.channel)
    known = await kept.find_version(tx, bill=bill)
    if known is not None:
        return known, False
    if await queries.find_bill(tx, bill.channel, bill.kind, bill.day) is not None:
        bill = replace(bill, state=Version.PROPOSED)
    sealed = []
    for part in packed:
        id_ = new_id(PART_PREFIX, now=bill.at, entropy=tools.entropy)
        sealed.append((id_, tools.sealer.seal(part, bound_to=id_)))
    await kept.insert_bill(tx, bill=bill, parts=sealed)
    return bill, True


async def content_of(tx: Tx, ring: KeyRing, bill: KeptBill) -> bytes:
    """The raw file, unsealed. Raises BrokenInvariant where it is not what the evidence keeps."""
    sealed = await queries.parts_of(tx, bill.id)
    content = whole([ring.unseal(part, bound_to=id_) for id_, part in sealed])
    if bill.size and sha256(content).digest() != bill.digest:
        raise BrokenInvariant(f"{bill.id} is not what was kept")
    return content


async def file_of(tx: Tx, ring: KeyRing, bill: KeptBill) -> BillFile:
    """The kept file as it came."""
    content = await content_of(tx, ring, bill)
    return BillFile(bill.channel, BillKind(bill.kind), bill.day, bill.name, content)


def _name(file: BillFile) -> tuple[str, str, date]:
    return file.channel, file.kind, file.day
