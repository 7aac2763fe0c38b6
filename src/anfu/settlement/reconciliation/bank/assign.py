"""Which movement at our bank is which payout of a channel. Pure.

First by the channel's number among the bank's references, or in what the bank says besides; then,
of movements that name the channel (`bank_text`), by the exact amount, the oldest payout first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anfu.settlement.reconciliation.bank.statement import BankLine
from anfu.settlement.reconciliation.item import Item
from anfu.settlement.reconciliation.terms import Terms

# A shorter number may stand in any text by chance.
_NUMBER_LEAST = 8


@dataclass(frozen=True, slots=True)
class Assigned:
    """A movement of a channel and the payout it is, None where the channel told of none."""

    line: BankLine
    channel: str
    item: Item | None


def assign(
    lines: Sequence[BankLine], awaited: Sequence[Item], terms: Mapping[str, Terms]
) -> list[Assigned]:
    """Every movement that is a channel's, in order; each payout once."""
    waiting = {item.id: item for item in awaited}
    found: dict[int, Assigned] = {}
    for line in lines:
        item = next((i for i in waiting.values() if _names(line, i)), None)
        if item is not None:
            del waiting[item.id]
            found[line.row] = Assigned(line, item.channel, item)
    for line in lines:
        channel = _channel(line, terms)
        if channel is None or line.row in found:
            continue
        item = next((i for i in waiting.values() if _equals(line, i, channel)), None)
        if item is not None:
            del waiting[item.id]
        found[line.row] = Assigned(line, channel, item)
    return [found[row] for row in sorted(found)]


def _names(line: BankLine, item: Item) -> bool:
    number = item.reference
    inside = len(number) >= _NUMBER_LEAST and number in line.text
    return bool(number) and line.currency == item.our_currency and (
        number in line.references or inside
    )  # fmt: skip


def _equals(line: BankLine, item: Item, channel: str) -> bool:
    ours = (item.channel, item.our_amount, item.our_currency)
    return ours == (channel, line.amount, line.currency) and item.day <= line.day


def _channel(line: BankLine, terms: Mapping[str, Terms]) -> str | None:
    told = f"{line.text} {' '.join(line.references)}"
    names = (name for name, of in terms.items() if of.bank_text and of.bank_text in told)
    return next(names, None)
