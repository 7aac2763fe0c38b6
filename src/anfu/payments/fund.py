"""Fund: what a payment takes of the limits and of the ledger: move the money, or hold it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from anfu.authentication.factor import factor_count, is_strong
from anfu.ledger import operations as ledger
from anfu.ledger.account import Account, Side, account_key
from anfu.ledger.entry import Denial, EntryOrder, HoldOrder
from anfu.limits import operations as limits
from anfu.limits.breach import Breach, Reserved
from anfu.limits.rule import Rule
from anfu.limits.use import Code, Debit, Use, UseKind
from anfu.parties.party import Party
from anfu.payments.document import rfc3339
from anfu.payments.payment import BALANCE, Payment, State
from anfu.payments.record import INSTITUTION
from anfu.storage.transaction import Tx

# A hold outlives every bound within which its payment is resolved; its expiry is a last resort
# that is never reached while a worker runs.
HOLD_LIFE = timedelta(days=7)


def balance_key(party: str, currency: str) -> str:
    """The account of a party's balance (支付账户余额)."""
    return account_key(party, "balance", currency)


def balance_account(party: str, currency: str) -> Account:
    """A party's balance: what we owe it, so it stands on the credit side; never overdrawn
    (43号 art. 3: 支付账户不得透支)."""
    return Account(balance_key(party, currency), currency, Side.CREDIT)


def channel_key(channel: str, currency: str) -> str:
    """The account of what a channel owes us for payments it has taken."""
    return account_key(INSTITUTION, f"channel-{channel}", currency)


def bank_key(currency: str) -> str:
    """The account of the reserve bank account (备付金)."""
    return account_key(INSTITUTION, "bank", currency)


def strays_key(currency: str) -> str:
    """The account of money that came too late and goes back to payers (迟到成功待退款)."""
    return account_key(INSTITUTION, "strays", currency)


def institution_accounts(currency: str, channels: Sequence[str]) -> list[Account]:
    """The institution's own accounts in one currency. What a channel owes may turn into what we
    owe it: refunds after it has settled."""
    bank = Account(bank_key(currency), currency, Side.DEBIT)
    owed = [Account(channel_key(c, currency), currency, Side.DEBIT, True) for c in channels]
    strays = Account(strays_key(currency), currency, Side.CREDIT)
    return [bank, strays, *owed]


def sides(payment: Payment) -> tuple[str, str]:
    """The accounts a payment debits and credits."""
    source = (
        balance_key(payment.payer, payment.currency)
        if payment.method == BALANCE
        else channel_key(payment.network, payment.currency)
    )
    return source, balance_key(payment.payee, payment.currency)


def use_of(payment: Payment, payer: Party) -> Use:
    """What a payment takes of the limits."""
    return Use(
        id=payment.id,
        customer=payment.payer,
        account_class=payer.account_class,
        factors=factor_count(payment.factors),
        strong=is_strong(payment.factors),
        merchant=payment.payee if payment.payee.startswith("mer_") else None,
        amount=payment.amount,
        currency=payment.currency,
        kind=UseKind.BALANCE_PAYMENT if payment.method == BALANCE else UseKind.NETWORK_PAYMENT,
        at=payment.occurred_at,
        code=Code(payment.code or Code.NONE),
        debit=Debit(payment.debit or Debit.BANK),
        bank_account=payment.card,
        bank_verified=payment.verified_by != Debit.INSTITUTION,
    )


@dataclass(frozen=True, slots=True)
class Funding:
    """Payments as far as limits and balances let them go; `write` moves and holds the money."""

    payments: list[Payment]
    admitted: ledger.Admitted

    async def write(self, tx: Tx, *, now: datetime) -> None:
        """Write the entries and holds. Late: payees' accounts are locked from here to the commit,
        and half the world may be paying one of them."""
        await ledger.write(tx, admitted=self.admitted, now=now)


async def fund(
    tx: Tx,
    *,
    payments: Sequence[Payment],
    parties: Mapping[str, Party],
    rules: Sequence[Rule],
    now: datetime,
) -> Funding:
    """Take what payments that go on (SUCCEEDED, SENDING, IN_REVIEW) need of their limits and
    balances; the others are left as they are.

    A payment over a limit or without the balance is REFUSED, and then takes nothing. What stays
    open keeps its reservation on record, to be given back should it fail.
    """
    uses = {p.id: use_of(p, parties[p.payer]) for p in payments if p.state in _GOING}
    reserved = await limits.reserve(tx, uses=list(uses.values()), rules=rules)
    within = [_within(payment, reserved) for payment in payments]
    admitted = await ledger.admit(tx, orders=_orders(within, now))
    funded = [_covered(payment, admitted.denials) for payment in within]
    denied = [uses[id_] for id_ in admitted.denials]
    if denied:
        await limits.release(tx, uses=denied)
    kept = [uses[p.id] for p in funded if p.state in _WAITING]
    if kept:
        await limits.keep(tx, uses=kept)
    return Funding(funded, admitted)


def _within(payment: Payment, reserved: Reserved) -> Payment:
    breach = reserved.breaches.get(payment.id)
    if breach is not None:
        return replace(payment, state=State.REFUSED, refusal=refusal_of(breach))
    return replace(payment, liable=True) if payment.id in reserved.liable else payment


async def lock_sides(tx: Tx, payments: Sequence[Payment]) -> None:
    """Lock the accounts of payments that the ledger is told of in more than one step."""
    await ledger.lock_accounts(tx, keys=[key for p in payments for key in sides(p)])


def _covered(payment: Payment, denials: Mapping[str, Denial]) -> Payment:
    denial = denials.get(payment.id)
    if denial is None:
        return payment
    return replace(payment, state=State.REFUSED, refusal={"code": denial.code})


def refusal_of(breach: Breach) -> dict[str, Any]:
    """A limit's no, as the payer's app shows it: rule, article, what is left, when it resets."""
    return {
        "code": "limit_exceeded",
        "rule": breach.rule,
        "law": breach.law,
        "article": breach.article,
        "quote": breach.quote,
        "title": {"en": breach.title_en, "zh": breach.title_zh},
        "limit": breach.limit,
        "used": breach.used,
        "remaining": breach.remaining,
        "resets_at": None if breach.resets_at is None else rfc3339(breach.resets_at),
        "raise_by": breach.raise_by,
    }


def _orders(payments: Sequence[Payment], now: datetime) -> list[EntryOrder | HoldOrder]:
    orders: list[EntryOrder | HoldOrder] = []
    for payment in payments:
        if payment.state not in _GOING:
            continue
        debit, credit = sides(payment)
        move = (payment.id, debit, credit, payment.currency, payment.amount)
        if payment.state is State.SUCCEEDED:
            orders.append(EntryOrder(*move))
        else:
            orders.append(HoldOrder(*move, now + HOLD_LIFE))
    return orders


_WAITING = frozenset({State.SENDING, State.IN_REVIEW})
_GOING = _WAITING | {State.SUCCEEDED}
