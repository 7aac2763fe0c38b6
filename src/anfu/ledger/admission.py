"""Which orders of a batch go through: one pass, first come first served, no input or output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from anfu.ledger.account import Side
from anfu.ledger.entry import Denial, EntryOrder, HoldOrder

Order = EntryOrder | HoldOrder


@dataclass(slots=True)
class Funds:
    """A locked account while a batch is decided; `available` runs along with the orders."""

    number: int
    asset: str
    normal: Side
    overdraft: bool
    available: int
    closed: bool = False


def admit(orders: Sequence[Order], funds: Mapping[str, Funds]) -> dict[str, Denial]:
    """The orders that cannot go through, by id; the others can, together and in this sequence.

    `funds` is by account key and is moved on to what stays available. An entry brings its amount
    at once, so that a later order may spend it; a hold only takes. A link is decided where its
    first order stands.
    """
    denials: dict[str, Denial] = {}
    for group in _groups(orders):
        done: list[Order] = []
        for order in group:
            denial = _denial(order, funds)
            if denial is not None:
                for undone in done:
                    _shift(undone, funds, -1)
                denials.update((denied.id, denial) for denied in group)
                break
            _shift(order, funds, 1)
            done.append(order)
    return denials


def _groups(orders: Sequence[Order]) -> Iterable[Sequence[Order]]:
    """Orders without a link alone, those of one link together."""
    if all(order.link is None for order in orders):
        return [(order,) for order in orders]
    groups: dict[tuple[bool, str], list[Order]] = {}
    for order in orders:
        name = (True, order.id) if order.link is None else (False, order.link)
        groups.setdefault(name, []).append(order)
    return groups.values()


def _denial(order: Order, funds: Mapping[str, Funds]) -> Denial | None:
    debit, credit = funds.get(order.debit), funds.get(order.credit)
    if debit is None or credit is None:
        missing = order.debit if debit is None else order.credit
        return Denial("account_not_found", missing, None)
    for key, account in ((order.debit, debit), (order.credit, credit)):
        if account.closed:
            return Denial("account_closed", key, account.available)
        if account.asset != order.asset:
            return Denial("asset_mismatch", key, account.available)
    if debit.normal is Side.CREDIT and _lacks(debit, order.amount):
        return Denial("insufficient_funds", order.debit, debit.available)
    if credit.normal is Side.DEBIT and _lacks(credit, order.amount):
        return Denial("insufficient_funds", order.credit, credit.available)
    return None


def _lacks(account: Funds, amount: int) -> bool:
    return account.available < amount and not account.overdraft


def _shift(order: Order, funds: Mapping[str, Funds], sign: int) -> None:
    amount = sign * order.amount
    moves = type(order) is EntryOrder
    debit, credit = funds[order.debit], funds[order.credit]
    if debit.normal is Side.CREDIT:
        debit.available -= amount
    elif moves:
        debit.available += amount
    if credit.normal is Side.DEBIT:
        credit.available -= amount
    elif moves:
        credit.available += amount
