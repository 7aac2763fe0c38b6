"""A treatment (处理): what one person proposes to do about an item and another one decides."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from anfu.kernel.errors import Refused
from anfu.settlement.reconciliation.item import MOVES, Item, positions
from anfu.settlement.reconciliation.item import State as ItemState

PREFIX = "trt"


class Act(StrEnum):
    """POST to suspense; CLEAR what is posted; VOID what is no difference; QUERY the channel again
    and book what it says of our payment."""

    POST = "POST"
    CLEAR = "CLEAR"
    VOID = "VOID"
    QUERY = "QUERY"


class State(StrEnum):
    PROPOSED = "PROPOSED"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"


@dataclass(frozen=True, slots=True)
class Treatment:
    """`target` says what clears: `channel`, `result`, or a party whose balance takes it."""

    id: str
    item: str
    act: Act
    target: str | None
    reason: str
    proposed_by: str
    proposed_at: datetime
    state: State = State.PROPOSED
    decided_by: str | None = None
    decided_at: datetime | None = None


_AFTER: Mapping[Act, ItemState] = MappingProxyType(
    {Act.POST: ItemState.POSTED, Act.CLEAR: ItemState.CLEARED, Act.VOID: ItemState.VOID}
)
_ASKABLE = frozenset({ItemState.LONG, ItemState.STATUS_MISMATCH, ItemState.SHORT,
                      ItemState.IN_DOUBT, ItemState.EXPECTED})  # fmt: skip


def acts_of(item: Item) -> list[Act]:
    """What may be proposed about an item where it stands."""
    acts = []
    for act in Act:
        with suppress(Refused):
            check_treatable(item, act)
            acts.append(act)
    return acts


def check_treatable(item: Item, act: Act) -> None:
    """Raises Refused(item_state) where the act does not lead on from where the item stands, and
    item_without_money where there is nothing to post."""
    moves = item.state in _ASKABLE if act is Act.QUERY else _AFTER[act] in MOVES[item.state]
    # What has matched is undone by another version of its bill alone.
    if not moves or item.state is ItemState.MATCHED:
        raise Refused("item_state", field="item", state=item.state, act=act)
    if act is Act.POST and not positions(item):
        raise Refused("item_without_money", field="item")
