"""What the network tells us unasked: headers and body of a POST, verified, as a `Notice`. Pure.

The checks are those of `messages.verify` (1 to 5). Whether the nonce was seen before is checked
by `channels.operations.record_notices`, in the transaction that acts on the notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from anfu.channels.sandbox.messages import Identity, Place, time_of, verify
from anfu.channels.sandbox.statements import read_statement
from anfu.kernel.errors import Outcome, Refused


@dataclass(frozen=True, slots=True)
class Notice:
    """The network says how a payment, or a refund of it, ended.

    `refund` is None when it is about the payment. `amount` and `currency` are the network's: the
    caller compares them with its own before it books. A notice may come twice under two nonces,
    before the answer, out of order, or be wrong.
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


def read_notice(
    identity: Identity, path: str, headers: Mapping[str, str], body: bytes, *, now: datetime
) -> Notice:
    """The notice POSTed to `path`; `headers` by lower-case name.

    Raises Refused as `messages.verify` does.
    """
    nonce = verify(identity, Place("POST", path), headers, body, now=now)
    said = read_statement(body)
    if said.payment is None:
        raise Refused("message_malformed", field="payment")
    return Notice(
        nonce=nonce,
        at=time_of(headers),
        payment=said.payment,
        refund=said.refund,
        outcome=said.outcome,
        reference=said.reference,
        reason=said.reason,
        amount=said.amount,
        currency=said.currency,
    )
