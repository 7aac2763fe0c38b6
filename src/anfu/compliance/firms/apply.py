"""Apply: a firm asks for an account, with what it agreed to pay in a day at most (261号 二(十))."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from anfu.limits.agreed.agreed import AgreedKey
from anfu.limits.agreed.operations import agree
from anfu.limits.counter import Metric, Window
from anfu.parties.firms import operations, queries
from anfu.parties.firms.firm import (
    Business,
    Dossier,
    Firm,
    Lack,
    check_business,
    check_dossier,
    lacking,
)
from anfu.parties.firms.ownership import Ownership, in_force
from anfu.parties.identity.queries import list_verifications
from anfu.parties.identity.verification import Verification
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class NewFirm:
    """An order for an account. `day_amount` (fen) and `day_count`: what is paid from it in a
    day at most, as agreed."""

    dossier: Dossier
    business: Business
    day_amount: int
    day_count: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A firm, its questions and its ownerships, both in their order."""

    firm: Firm
    verifications: Sequence[Verification]
    ownerships: Sequence[Ownership]

    @property
    def missing(self) -> tuple[Lack, ...]:
        return lacking(
            self.verifications,
            has_agent=self.firm.dossier.agent is not None,
            owners=in_force(self.ownerships) is not None,
        )


async def apply(
    tools: Tools, order: NewFirm, merchant: str | None, claim: Claim, *, now: datetime
) -> Standing:
    """A new application, once for this claim. Raises Refused: firm_business_refused, firm_exists,
    and as `check_dossier` and `agree`."""
    check_business(order.business)
    check_dossier(order.dossier, now=now)

    async def work(tx: Tx) -> Answer:
        made = await operations.apply(
            tx, dossier=order.dossier, opened_by=merchant, sealer=tools.sealer, now=now
        )
        agreed = {Metric.BALANCE_PAYMENT: order.day_amount, Metric.BALANCE_COUNT: order.day_count}
        for metric, most in agreed.items():
            key = AgreedKey(made.id, metric, Window.NATURAL_DAY, "CNY")
            await agree(tx, key=key, most=most, cooling_off=timedelta(0), now=now)
        record = Record(now, tools.entropy)
        record.leaf(
            "firm", made.id,
            {"state": made.state, "opened_by": merchant, "day_amount": order.day_amount,
             "day_count": order.day_count, "article": "银发〔2016〕261号 二(十)"},
        )  # fmt: skip
        await record.write(tx)
        return Answer(201, msgspec.json.encode(made.id))

    answer = await idempotency.once(tools.database, claim, work, now=now)
    return await stand(tools, msgspec.json.decode(answer.body), merchant)


async def stand(tools: Tools, firm: str, merchant: str | None) -> Standing:
    """How a firm stands. Raises Refused `firm_not_found`, `customer_stored`."""
    async with tools.database.transaction(readonly=True) as tx:
        return await standing_of(
            tx, tools, await queries.get_firm(tx, firm, ring=tools.sealer.ring, merchant=merchant)
        )


async def standing_of(tx: Tx, tools: Tools, firm: Firm) -> Standing:
    """How this firm stands, within a transaction."""
    verifications = await list_verifications(tx, firm.id)
    ownerships = await queries.list_ownerships(tx, firm.id, ring=tools.sealer.ring)
    return Standing(firm, verifications, ownerships)
