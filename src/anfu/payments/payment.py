"""A payment (支付单): the payer's order, and its states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from anfu.channels.port import Scene
from anfu.kernel.states import Moves, final_states


class State(StrEnum):
    """Where a payment stands."""

    BLOCKED = "BLOCKED"  # risk said no
    REFUSED = "REFUSED"  # a limit or the balance said no
    CHALLENGED = "CHALLENGED"  # waits for a proof by the payer; holds no money
    IN_REVIEW = "IN_REVIEW"  # waits for a person; holds the money
    SENDING = "SENDING"  # the channel is, or may be, being called
    AWAITING = "AWAITING"  # the order stands at the network; the payer has to confirm there
    UNKNOWN = "UNKNOWN"  # the channel did not say; only the channel can resolve it
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"  # the channel certainly did not do it
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"  # a reviewer said no
    EXPIRED = "EXPIRED"  # nobody answered the challenge or the review in time


MOVES: Moves[State] = MappingProxyType(
    {
        State.CHALLENGED: frozenset(
            {State.SENDING, State.SUCCEEDED, State.REFUSED, State.CANCELLED, State.BLOCKED,
             State.EXPIRED}
        ),
        State.IN_REVIEW: frozenset(
            {State.SENDING, State.SUCCEEDED, State.REJECTED, State.CANCELLED, State.EXPIRED}
        ),
        State.SENDING: frozenset({State.AWAITING, State.SUCCEEDED, State.FAILED, State.UNKNOWN}),
        State.AWAITING: frozenset({State.SUCCEEDED, State.FAILED}),
        # SENDING: certainly not done there, and sent again on another route.
        State.UNKNOWN: frozenset({State.AWAITING, State.SUCCEEDED, State.FAILED, State.SENDING}),
        **{
            state: frozenset()
            for state in (
                State.BLOCKED, State.REFUSED, State.SUCCEEDED, State.FAILED, State.CANCELLED,
                State.REJECTED, State.EXPIRED,
            )
        },
    }
)  # fmt: skip
FINAL = final_states(MOVES)
PENDING = frozenset({State.SENDING, State.AWAITING, State.UNKNOWN})
"""A network has, or may have, the order."""

BALANCE = "balance"
"""The method that moves money between our own accounts; every other one names a channel."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment as it stands. Amounts in minor units of `currency`. `code`: static or dynamic,
    None without one; `debit`, `verified_by`: who takes it from the bank account and who verified
    the payer for that, bank or institution, None where the caller did not say: the bank.
    `mandate`: the one it is drawn under. `channel`: the network of the present `attempt`, `route`
    why it and no other; `network_payer`: whom that network knows the payer as, sealed; `handover`:
    what the payer's device needs, until `order_expires_at`; `reversing`: the network was asked to
    undo it, so that it is no longer paid, whatever the network says; `payer_code` and
    `payer_address` are known on the first way to the network alone, and not stored."""

    id: str
    state: State
    payer: str
    payee: str
    amount: int
    currency: str
    method: str
    created_at: datetime
    occurred_at: datetime
    updated_at: datetime
    card: str | None = None
    code: str | None = None
    debit: str | None = None
    verified_by: str | None = None
    order: str | None = None
    description: str | None = None
    factors: tuple[str, ...] = ()
    liable: bool = False
    decision: str | None = None
    outcome: str | None = None
    reasons: tuple[str, ...] = ()
    refusal: Mapping[str, Any] | None = None
    failure: str | None = None
    channel_reference: str | None = None
    challenge: str | None = None
    mandate: str | None = None
    refunded: int = 0
    channel: str | None = None
    attempt: int = 1
    route: Mapping[str, Any] | None = None
    scene: Scene | None = None
    network_payer: bytes | None = field(default=None, repr=False)
    return_url: str | None = None
    handover: Mapping[str, Any] | None = field(default=None, repr=False)
    order_expires_at: datetime | None = None
    reversing: bool = False
    payer_code: str | None = field(default=None, repr=False, compare=False)
    payer_address: str | None = field(default=None, repr=False, compare=False)

    @property
    def network(self) -> str:
        """The channel it goes through; of a payment from a balance there is none."""
        return self.channel or self.method


class RefundState(StrEnum):
    """Where a refund stands."""

    SENDING = "SENDING"
    UNKNOWN = "UNKNOWN"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Deposit:
    """Money put into the balance of `party` from outside (充值)."""

    id: str
    party: str
    amount: int
    currency: str
    created_at: datetime


REFUND_MOVES: Moves[RefundState] = MappingProxyType(
    {
        RefundState.SENDING: frozenset(
            {RefundState.SUCCEEDED, RefundState.FAILED, RefundState.UNKNOWN}
        ),
        RefundState.UNKNOWN: frozenset({RefundState.SUCCEEDED, RefundState.FAILED}),
        RefundState.SUCCEEDED: frozenset(),
        RefundState.FAILED: frozenset(),
    }
)
REFUND_FINAL = final_states(REFUND_MOVES)


@dataclass(frozen=True, slots=True)
class Refund:
    """Money of one payment going back to where it came from (43号 art. 15)."""

    id: str
    state: RefundState
    payment: str
    payer: str
    payee: str
    amount: int
    currency: str
    method: str
    created_at: datetime
    updated_at: datetime
    reason: str | None = None
    failure: str | None = None
    channel_reference: str | None = None
