"""The port every payment network is reached through.

Every call raises BrokenInvariant while a database transaction is open, and otherwise always ends
in an answer. What the three outcomes promise:

- DONE: the network has it, in words whose origin was verified.
- NOT_DONE: it has not happened and will not happen under this number. Only the network can say so,
  by a decline or a close; the one exception is `first` below.
- UNKNOWN: everything else: a time-out, a lost connection, an error page, an answer that cannot be
  trusted, and also "not found", because a request that was lost on its way may still arrive. Ask
  again, send the same number again, or `close` it. With a `handover` it says that the order stands
  at the network and that the payer has to do something now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from anfu.kernel.errors import Outcome

# How long the nonce of a notice is remembered: no network's notice may be taken when it is older.
NONCES_KEPT = timedelta(days=2)


class Scene(StrEnum):
    """Where payer and network meet (支付场景)."""

    ON_FILE = "ON_FILE"  # a card or an agreement on file: the payer does nothing (代扣)
    APP = "APP"  # the merchant's app calls the network's
    MINI_PROGRAM = "MINI_PROGRAM"  # 小程序, and pages inside the network's own app
    H5 = "H5"  # a page in a telephone's browser
    PAGE = "PAGE"  # a page on a computer
    DYNAMIC_CODE = "DYNAMIC_CODE"  # the merchant shows a code made for this payment (动态码)
    STATIC_CODE = "STATIC_CODE"  # a printed code; the payer has typed the amount (静态码)
    PAYER_CODE = "PAYER_CODE"  # the payer shows a code, the merchant scans it (付款码)


class HandoverKind(StrEnum):
    """What the payer's device is to do with a handover."""

    CODE = "CODE"  # show `text` as a QR code
    LINK = "LINK"  # open `url`
    FORM = "FORM"  # post all values to `action`, from a page of ours
    CALL = "CALL"  # give the values to the network's SDK or bridge


@dataclass(frozen=True, slots=True)
class Handover:
    """What the payer's device needs to go on. `values` may let anybody pay, never take."""

    kind: HandoverKind
    values: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChannelOrder:
    """Take `amount` minor units of `currency` for `payment`: the number the network knows it by,
    the payment's id, from the second attempt on followed by the number of the attempt.

    `card`: a token, in the scene ON_FILE. `payer`: whom the network knows the payer as (openid,
    buyer id), where the scene needs it. `code`: the code a payer has shown; never stored or logged
    whole. `at`: when the order was made; `expires_at`: until when the payer may pay, None for the
    network's own time.

    `first` says that this number has certainly never been sent before, also not before a restart;
    only then does a connection that could not be made mean NOT_DONE.

    `undo`: closing it by a payer's code gives back what is paid.
    """

    payment: str
    amount: int
    currency: str
    card: str | None
    at: datetime
    first: bool = False
    scene: Scene = Scene.ON_FILE
    subject: str = ""
    payer: str | None = None
    code: str | None = field(default=None, repr=False)
    address: str | None = None
    expires_at: datetime | None = None
    return_url: str | None = None
    undo: bool = False


@dataclass(frozen=True, slots=True)
class ChannelRefund:
    """Give `amount` minor units of `payment` back under the number `refund`; `first` as above.

    `total` is what was paid, `reference` the network's own number of the payment, `at` when the
    refund was made.
    """

    refund: str
    payment: str
    amount: int
    currency: str
    at: datetime
    total: int
    reference: str | None = None
    first: bool = False


@dataclass(frozen=True, slots=True)
class ChannelAnswer:
    """How a call ended.

    `reference` is the network's own number; `reason` a code of `reasons`, None only for DONE;
    `amount` and `currency` are what the network says it moved, for the caller to compare; `said`
    the network's own code, for staff.
    """

    outcome: Outcome
    reference: str | None
    reason: str | None
    amount: int | None = None
    currency: str | None = None
    handover: Handover | None = None
    said: str | None = None


class Channel(Protocol):
    """A payment network."""

    async def pay(self, order: ChannelOrder) -> ChannelAnswer:
        """Idempotent by number: the same order again is answered as the first time."""

    async def query(self, order: ChannelOrder) -> ChannelAnswer:
        """What the network knows of an order. UNKNOWN with "not_found" proves nothing, and with
        "payer_awaited" says that it stands and is not paid."""

    async def close(self, order: ChannelOrder) -> ChannelAnswer:
        """Make sure it will not be paid: NOT_DONE once closed, DONE if it was paid already and, by
        `undo`, cannot go back any more."""

    async def refund(self, refund: ChannelRefund) -> ChannelAnswer:
        """Idempotent by number: the same refund again is answered as the first time."""

    async def query_refund(self, refund: ChannelRefund) -> ChannelAnswer:
        """What the network knows of a refund. UNKNOWN with "not_found" proves nothing."""


@dataclass(frozen=True, slots=True)
class Notice:
    """The network says how a payment, or a refund of it, ended.

    `payment` and `refund` are the numbers we sent; `refund` is None when it is about the payment.
    `amount` and `currency` are the network's: the caller compares them with its own before it
    books. A notice may come twice under two nonces, before the answer, out of order, or be wrong.
    """

    nonce: str
    at: datetime
    payment: str
    refund: str | None
    outcome: Outcome
    reference: str | None
    reason: str | None
    amount: int | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What a network wants to hear once its notice is taken; anything else makes it come again."""

    status: int
    body: bytes
    media_type: str


class NoticeReader(Protocol):
    """Reads what a network posts to us, and knows what it wants to hear."""

    @property
    def taken(self) -> Acknowledgement: ...

    def read(self, path: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        """The verified notice; `headers` by lower-case name. Raises Refused for what is not the
        network's, is stale, or speaks to another member."""
