"""Fund: what a payment takes of the limits and of the ledger: move the money, or hold it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from anfu.authentication.factor import factor_count, is_strong
from anfu.ledger import operations as ledger
from anfu.ledger.account import Account, Side, account_key
from anfu.ledger.entry import Denial, EntryOrder, HoldOrder
from anfu.limits import operations as limits
from anfu.limits.use import Use, UseKind
from anfu.parties.party import Party
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


def institution_accounts(currency: str, channels: Sequence[str]) -> list[Account]:
    """The institution's own accounts in one currency. What a channel owes may turn into what we
    owe it: refunds after it has settled."""
    bank = Account(bank_key(currency), currency, Side.DEBIT)
    owed = [Account(channel_key(c, currency), currency, Side.DEBIT, True) for c in channels]
    return [bank, *owed]


def sides(payment: Payment) -> tuple[str, str]:
    """The accounts a payment debits and credits."""
    source = (
        balance_key(payment.payer, payment.currency)
        if payment.method == BALANCE
        else channel_key(payment.method, payment.currency)
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
    )


async def fund(
    tx: Tx, *, payments: Sequence[Payment], uses: Mapping[str, Use], now: datetime
) -> list[Payment]:
    """Move (SUCCEEDED) or hold (SENDING, IN_REVIEW) the money of those that go on.

    `uses` are the reservations already made, by payment. What does not go on, or is REFUSED here
    for want of balance, gives its reservation back; what stays open keeps it on record.
    """
    at_once = [p for p in payments if p.state is State.SUCCEEDED]
    waiting = [p for p in payments if p.state in _WAITING]
    denied: dict[str, Denial] = {}
    if at_once and waiting:
        await lock_sides(tx, [*at_once, *waiting])
    if at_once:
        denied |= await ledger.post(tx, orders=[_entry(p) for p in at_once], now=now)
    if waiting:
        denied |= await ledger.hold(tx, orders=[_hold(p, now) for p in waiting], now=now)
    funded = [_refused(p, denied[p.id]) if p.id in denied else p for p in payments]
    back = [uses[p.id] for p in funded if p.id in uses and p.state not in _GOING]
    if back:
        await limits.release(tx, uses=back)
    kept = [uses[p.id] for p in funded if p.id in uses and p.state in _WAITING]
    if kept:
        await limits.keep(tx, uses=kept)
    return funded


async def lock_sides(tx: Tx, payments: Sequence[Payment]) -> None:
    """Lock the accounts of payments that the ledger is told of in more than one step."""
    await ledger.lock_accounts(tx, keys=[key for p in payments for key in sides(p)])


def _entry(payment: Payment) -> EntryOrder:
    debit, credit = sides(payment)
    return EntryOrder(payment.id, debit, credit, payment.currency, payment.amount)


def _hold(payment: Payment, now: datetime) -> HoldOrder:
    debit, credit = sides(payment)
    return HoldOrder(payment.id, debit, credit, payment.currency, payment.amount, now + HOLD_LIFE)


def _refused(payment: Payment, denial: Denial) -> Payment:
    return replace(payment, state=State.REFUSED, refusal={"code": denial.code})


_WAITING = frozenset({State.SENDING, State.IN_REVIEW})
_GOING = _WAITING | {State.SUCCEEDED}
