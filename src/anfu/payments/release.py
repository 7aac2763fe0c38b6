"""Release: before a payment that waited for a person goes on, its parties are looked at again.

What has come since it began stops it. Numbered as it is looked at: 1 neither party is suspended;
2 the payer's identity document is valid (令〔2025〕11号 art. 26); 3 no order of the police stops
what leaves the payer's account (86号 二(一)2). The order is read as of now: of one that has ended
since, nothing is left. A suspension or an order of the same instant is first or second, never
between the look and the commit: whichever comes second waits for the other (`hold_parties`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.kernel.periods import civil_date
from anfu.limits.stops.queries import find_stopped
from anfu.limits.stops.stop import LAW
from anfu.parties.operations import hold_parties
from anfu.parties.party import Party
from anfu.parties.queries import find_parties
from anfu.payments.document import rfc3339
from anfu.payments.payment import BALANCE, Payment
from anfu.storage.transaction import Tx


async def check_release(
    tx: Tx, payments: Sequence[Payment], *, field: str, now: datetime
) -> None:  # fmt: skip
    """Whether all of `payments` may go on; `field` names what asked for it.

    Raises Refused: as `Party.check_active`, payer_document_expired, payment_stopped.
    """
    ids = {party for payment in payments for party in (payment.payer, payment.payee)}
    await hold_parties(tx, ids=sorted(ids))
    parties = await find_parties(tx, sorted(ids))
    stopped = await find_stopped(tx, customers=sorted({p.payer for p in payments}), now=now)
    for payment in payments:
        both = (parties[payment.payer], parties[payment.payee])
        for party in both:  # 1
            party.check_active(field=field, payment=payment.id)
        check_document(both[0], now=now)  # 2
        until = stopped.get(payment.payer)
        if until is not None and payment.method == BALANCE:  # 3
            law = {"law": LAW.number, "article": LAW.article, "until": rfc3339(until)}
            raise Refused("payment_stopped", field=field, payment=payment.id, **law)


def check_document(payer: Party, *, now: datetime) -> None:
    """令〔2025〕11号 art. 26: who does not renew an expired document does not pay.
    Raises Refused(payer_document_expired)."""
    until = payer.document_until
    if until is not None and until < civil_date(now):
        raise Refused("payer_document_expired", field="payer")
