"""Draw: payments under a mandate are held against what was agreed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from anfu.authentication.message import drawn_notice
from anfu.kernel.errors import Refused
from anfu.kernel.periods import civil_day, civil_month
from anfu.parties.devices.device import Standing
from anfu.parties.mandates.mandate import Mandate
from anfu.parties.mandates.mandate import State as MandateState
from anfu.parties.mandates.queries import find_mandates
from anfu.parties.queries import find_names
from anfu.payments.challenge import linked_of, tell
from anfu.payments.document import rfc3339
from anfu.payments.payment import Payment, State
from anfu.payments.queries import find_drawn
from anfu.payments.tools import Tools
from anfu.risk.environment import Environment
from anfu.storage.transaction import Tx

PROVE = "pay_with_proof"
_GOING = frozenset({State.SUCCEEDED, State.SENDING, State.CHALLENGED, State.IN_REVIEW})
_UNASKED = frozenset({State.SUCCEEDED, State.SENDING})


# Another browser of the same make, or a profile that was not its own.
_NOT_ITSELF = frozenset({Standing.ALIKE, Standing.REJECTED})


@dataclass(slots=True)
class Drawn:
    """What payments under a mandate came to in the day and the month of one moment."""

    day: int = 0
    month: int = 0


def check_mandate(
    named: str | None, mandates: Mapping[str, Mandate], parties: tuple[str, str]
) -> None:
    """Of others than its payer and its payee a mandate is not known. Raises Refused
    (mandate_not_found)."""
    if named is None:
        return
    terms = None if named not in mandates else mandates[named].terms
    if terms is None or (terms.customer, terms.merchant) != parties:
        raise Refused("mandate_not_found", field="mandate")


async def draw(
    tx: Tx, payments: Sequence[Payment], devices: Mapping[str, str | None], *, now: datetime
) -> list[Payment]:
    """The payments; those over what their mandate allows REFUSED, those under one that is quiet
    CHALLENGED. `devices` are those the payments came from, by id.

    Mandates are locked until the transaction ends: none is revoked between this look and the
    payment, and no two payments share what is left of one.
    """
    drawing = [p for p in payments if p.mandate is not None]
    if not drawing:
        return list(payments)
    ids = sorted({str(p.mandate) for p in drawing})
    mandates = await find_mandates(tx, ids, lock=True)
    drawn = await _drawn(tx, [p for p in drawing if p.state in _GOING])
    held = []
    for payment in payments:
        if payment.mandate is None or payment.state not in _GOING:
            held.append(payment)
            continue
        so_far = drawn[payment.mandate, civil_day(payment.occurred_at).start]
        held.append(_held(payment, mandates[payment.mandate], so_far, devices, now))
    return held


def device_of(seen: Environment) -> str | None:
    """The device a payment came from, for a mandate that is bound to one: as the caller says, or,
    where its session is named, only if the device's own key signed."""
    return None if seen.standing in _NOT_ITSELF else seen.device


async def tell_drawn(tx: Tx, tools: Tools, payments: Sequence[Payment], *, now: datetime) -> None:
    """Tell the payers of payments that went through under a mandate of each (248号 二(四)): nobody
    asked them."""
    done = [p for p in payments if p.mandate is not None and p.state is State.SUCCEEDED]
    if done:
        names = await find_names(tx, [p.payee for p in done], ring=tools.sealer.ring)
        messages = [drawn_notice(linked_of(p), p.payer, names[p.payee]) for p in done]
        await tell(tx, tools, messages, now=now)


async def _drawn(tx: Tx, payments: Sequence[Payment]) -> dict[tuple[str, datetime], Drawn]:
    """What was drawn before `payments`, by mandate and start of the day."""
    wanted = {}
    for payment in payments:
        day, month = civil_day(payment.occurred_at), civil_month(payment.occurred_at)
        wanted[str(payment.mandate), day.start] = (str(payment.mandate), day, month)
    sums = await find_drawn(tx, list(wanted.values()))
    return {key: Drawn(*both) for key, both in zip(wanted, sums, strict=True)}


def _held(
    payment: Payment, mandate: Mandate, drawn: Drawn, devices: Mapping[str, str | None],
    now: datetime,
) -> Payment:  # fmt: skip
    refusal = refusal_of(payment, mandate, drawn, device=devices.get(payment.id), now=now)
    if refusal is not None:
        return replace(payment, state=State.REFUSED, refusal=refusal)
    drawn.day += payment.amount
    drawn.month += payment.amount
    if payment.state in _UNASKED and mandate.is_quiet(now=now):
        return replace(payment, state=State.CHALLENGED)
    return payment


def refusal_of(
    payment: Payment, mandate: Mandate, drawn: Drawn, *, device: str | None, now: datetime
) -> dict[str, Any] | None:
    """Why the mandate does not carry the payment, and what the payer can do; None if it does.

    Numbered as they are looked at: 1 it is not active, 2 its time is over, 3 another currency,
    4 another device than it is bound to, 5 the amount of one payment, 6 of the day, 7 of the month.
    """
    terms = mandate.terms
    if mandate.state is not MandateState.ACTIVE:  # 1
        return _refusal("mandate_not_active")
    if now >= terms.ends_at:  # 2
        return _refusal("mandate_expired")
    if payment.currency != terms.currency:  # 3
        return _refusal("mandate_not_for_this")
    if terms.device is not None and device != terms.device:  # 4
        return _refusal("mandate_other_device")
    moment = payment.occurred_at
    for most, used, resets in (
        (terms.per_payment, 0, None),  # 5
        (terms.per_day, drawn.day, civil_day(moment).end),  # 6
        (terms.per_month, drawn.month, civil_month(moment).end),  # 7
    ):
        if used + payment.amount > most:
            known = {"limit": most, "used": used, "remaining": max(0, most - used)}
            return _refusal("mandate_exceeded", **known, resets_at=resets and rfc3339(resets))
    return None


def _refusal(code: str, **known: Any) -> dict[str, Any]:
    return {"code": code, **known, "ways_out": (PROVE,)}
