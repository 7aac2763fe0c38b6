"""What the network tells us unasked: headers and body of a POST, verified, as a `Notice`. Pure.

The checks are those of `messages.verify` (1 to 5). Whether the nonce was seen before is checked
by `channels.operations.record_notices`, in the transaction that acts on the notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from anfu.channels.port import Acknowledgement, Notice
from anfu.channels.sandbox.messages import Identity, Place, time_of, verify
from anfu.channels.sandbox.statements import read_statement
from anfu.kernel.errors import Refused

_TAKEN = Acknowledgement(200, b'{"object":"notice","taken":true}', "application/json")


@dataclass(frozen=True, slots=True)
class SandboxNotices:
    """A `NoticeReader` for the member `identity`."""

    identity: Identity
    taken: Acknowledgement = _TAKEN

    def read(self, path: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        """Raises Refused as `messages.verify` does."""
        nonce = verify(self.identity, Place("POST", path), headers, body, now=now)
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
