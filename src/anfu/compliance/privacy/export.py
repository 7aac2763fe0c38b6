"""Export: everything held about a person, for that person (个人信息保护法 art. 45).

The look is recorded like any other reveal. What a law forbids to tell is left out, and said so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from anfu.authentication.enrolled.enrolled import Enrolled
from anfu.authentication.enrolled.queries import list_factors
from anfu.compliance.privacy.reveal import look
from anfu.ledger.account import Balance
from anfu.ledger.queries import find_balances
from anfu.limits.agreed.agreed import AgreedLimit
from anfu.limits.agreed.queries import list_agreed
from anfu.parties.caller import Caller
from anfu.parties.customer import Customer
from anfu.parties.devices.device import Device, Session, Tie
from anfu.parties.devices.queries import get_device, list_sessions_of, list_ties
from anfu.parties.firms.firm import Firm
from anfu.parties.firms.ownership import Ownership
from anfu.parties.firms.queries import get_firm, list_ownerships
from anfu.parties.identity.onboarding import Onboarding
from anfu.parties.identity.queries import (
    find_onboarding_of,
    get_onboarding,
    list_verifications,
    particulars_of,
)
from anfu.parties.identity.verification import Particulars, Verification
from anfu.parties.mandates.mandate import Mandate
from anfu.parties.mandates.queries import list_mandates
from anfu.parties.party import FIRM_PREFIX
from anfu.parties.privacy.consent import Consent
from anfu.parties.privacy.erasure import Erasure
from anfu.parties.privacy.queries import list_consents, list_erasures_of, list_reveals
from anfu.parties.privacy.reveal import Field, Reveal
from anfu.parties.queries import get_customer
from anfu.payments.fund import balance_key
from anfu.payments.payment import Deposit, Payment, Refund
from anfu.payments.queries import list_deposits_of, list_refunds_of
from anfu.payments.record import Record
from anfu.payments.sought.queries import seek_payments
from anfu.payments.sought.wanted import WantedPayments
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx

_PAGE = 500
_DEVICES = 10_000
# what is left out, its law, in English and Chinese
WITHHELD = (
    ("suspicion", "反洗钱法 35", "whether the person was reported or investigated",
     "是否被报告或调查"),
    ("risk_internals", "反洗钱法 35; 令〔2026〕1号 3",
     "rules, scores, list hits and signals of devices behind decisions",
     "决策所依据的规则、评分、名单命中与设备异常信号"),
    ("secrets", "个人信息保护法 51", "what proves the person to us and is kept as a hash",
     "仅以散列保存的身份凭证"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Application:
    """An onboarding with what was asked of outside channels."""

    onboarding: Onboarding
    asked: Sequence[tuple[Verification, Particulars]]


@dataclass(frozen=True, slots=True)
class FirmFile:
    """A firm, who owns it, and what was asked of outside channels."""

    firm: Firm
    ownerships: Sequence[Ownership]
    asked: Sequence[tuple[Verification, Particulars]]


@dataclass(frozen=True, slots=True)
class Equipment:
    """What the person pays from and with: ties to devices with how each looks to us, visits, and
    what proves the person, without what is secret in it."""

    devices: Sequence[tuple[Tie, Device]]
    visits: Sequence[Session]
    factors: Sequence[Enrolled]


@dataclass(frozen=True, slots=True)
class Holding:
    """What is held about one person, or about a firm and the persons behind it. `reveal` is the
    record of this export; `network_payers` whom a network knows the person as, by payment."""

    held: Customer | FirmFile
    reveal: Reveal
    application: Application | None
    consents: Sequence[Consent]
    reveals: Sequence[Reveal]
    erasures: Sequence[Erasure]
    balances: Sequence[Balance]
    payments: Sequence[Payment]
    network_payers: Mapping[str, str]
    refunds: Sequence[Refund]
    deposits: Sequence[Deposit]
    equipment: Equipment
    mandates: Sequence[Mandate]
    agreed_limits: Sequence[AgreedLimit]


async def export(tools: Tools, customer: str, reason: str, by: Caller, *, now: datetime) -> Holding:
    """Everything, at one moment. Raises Refused: customer_not_found, customer_stored,
    reason_invalid."""

    async def work(tx: Tx) -> Holding:
        record = Record(now, tools.entropy)
        said = (Field.EVERYTHING, reason)
        made, _ = await look(tx, tools, customer, said, by, record)
        payments = await _payments(tx, customer)
        keys = [balance_key(customer, currency) for currency in sorted(tools.policy.currencies)]
        holding = Holding(
            held=await _held(tx, tools, customer),
            reveal=made,
            application=await _application(tx, tools, customer),
            consents=await list_consents(tx, customer),
            reveals=await list_reveals(tx, customer, most=10_000),
            erasures=await list_erasures_of(tx, customer),
            balances=list((await find_balances(tx, keys)).values()),
            payments=payments,
            network_payers=_network_payers(tools, customer, payments),
            refunds=await list_refunds_of(tx, customer),
            deposits=await list_deposits_of(tx, customer),
            equipment=await _equipment(tx, customer),
            mandates=await list_mandates(tx, customer=customer, merchant=None),
            agreed_limits=await list_agreed(tx, customer=customer),
        )
        await record.write(tx)
        return holding

    return await tools.database.run(work)


async def _held(tx: Tx, tools: Tools, customer: str) -> Customer | FirmFile:
    ring = tools.sealer.ring
    if not customer.startswith(FIRM_PREFIX):
        return await get_customer(tx, customer, ring=ring, merchant=None)
    firm = await get_firm(tx, customer, ring=ring, merchant=None)
    return FirmFile(
        firm, await list_ownerships(tx, customer, ring=ring), await _asked(tx, tools, customer)
    )


async def _asked(
    tx: Tx, tools: Tools, about: str
) -> list[tuple[Verification, Particulars]]:  # fmt: skip
    return [
        (verification, await particulars_of(tx, verification.id, ring=tools.sealer.ring))
        for verification in await list_verifications(tx, about)
    ]


async def _application(tx: Tx, tools: Tools, customer: str) -> Application | None:
    found = await find_onboarding_of(tx, customer)
    if found is None:
        return None
    onboarding = await get_onboarding(tx, found, ring=tools.sealer.ring, merchant=None)
    return Application(onboarding, await _asked(tx, tools, found))


async def _equipment(tx: Tx, customer: str) -> Equipment:
    ties = await list_ties(tx, payer=customer, most=_DEVICES)
    return Equipment(
        devices=[(tie, await get_device(tx, tie.device)) for tie in ties],
        visits=await list_sessions_of(tx, customer),
        factors=await list_factors(tx, customer),
    )


async def _payments(tx: Tx, customer: str) -> list[Payment]:
    found: list[Payment] = []
    before: str | None = None
    while True:
        part, before = await seek_payments(tx, WantedPayments(_PAGE, before, party=customer))
        found += part
        if before is None:
            return found


def _network_payers(tools: Tools, customer: str, payments: Sequence[Payment]) -> dict[str, str]:
    """Of what the customer has paid: whom it was paid by is another person's."""
    return {
        payment.id: tools.sealer.ring.unseal(payment.network_payer, bound_to=payment.id).decode()
        for payment in payments
        if payment.payer == customer and payment.network_payer is not None
    }
