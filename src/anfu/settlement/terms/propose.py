"""Propose: terms that wait for a second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.kernel.periods import civil_date
from anfu.parties import queries as parties
from anfu.parties.applications.application import check_own_account
from anfu.parties.applications.queries import find_of_merchant
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.settlement.terms import queries
from anfu.settlement.terms.document import terms_leaf
from anfu.settlement.terms.operations import insert_terms
from anfu.settlement.terms.terms import PREFIX, Agreed, BankAccount, Terms, check_agreed
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants agreed with a merchant, and why."""

    merchant: str
    currency: str
    from_day: date
    agreed: Agreed
    account: BankAccount
    reason: str
    by: str


async def propose(tx: Tx, tools: Tools, wish: Wish, *, now: datetime) -> Terms:
    """The terms, not in force yet. Raises Refused: merchant_not_found, currency_not_supported,
    settlement_terms_invalid, settlement_not_own, settlement_terms_late."""
    await parties.get_merchant(tx, wish.merchant, merchant=None)
    supported = sorted(tools.policy.currencies)
    if wish.currency not in supported:
        raise Refused("currency_not_supported", field="currency", supported=supported)
    check_agreed(wish.agreed)
    application = await find_of_merchant(tx, wish.merchant, ring=tools.sealer.ring)
    if application is not None:
        check_own_account(application, wish.account.holder, field="account.holder")
    terms = Terms(
        new_id(PREFIX, now=now, entropy=tools.entropy), wish.merchant, wish.currency,
        wish.from_day, wish.agreed, wish.account, wish.reason, wish.by, now,
    )  # fmt: skip
    await check_in_time(tx, terms, now=now)
    await insert_terms(tx, terms=terms, sealer=tools.sealer)
    record = Record(now, tools.entropy)
    record.leaf("settlement_terms", terms.id, terms_leaf(terms))
    await record.write(tx)
    return terms


async def check_in_time(tx: Tx, terms: Terms, *, now: datetime) -> None:
    """Terms reach neither into the past nor into a day that is settled. Raises Refused
    `settlement_terms_late` with the first day they may begin on."""
    today = civil_date(now)
    settled = await queries.last_day(tx, terms.merchant, terms.currency)
    earliest = today if settled is None or settled < today else date.fromordinal(
        settled.toordinal() + 1
    )  # fmt: skip
    if terms.from_day < earliest:
        raise Refused("settlement_terms_late", field="from_day", earliest=earliest.isoformat())
