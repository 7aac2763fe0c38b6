"""Changes of lists: what they add and take away, whether they loosen, and who must agree."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from anfu.risk.lists.declaration import Kind
from anfu.risk.lists.matching import FOREVER, Mark, moment_of

PREFIX = "lch"


class Action(StrEnum):
    """DECLARE: what the list is. ENTRIES: what stands on it."""

    DECLARE = "DECLARE"
    ENTRIES = "ENTRIES"


@dataclass(frozen=True, slots=True)
class Item:
    """An entry that is added (again, with another expiry) or taken off; `value` as it is kept."""

    value: str
    source: str
    reason: str
    expires: datetime | None = None
    added: bool = True

    @property
    def mark(self) -> Mark:
        return Mark(self.value, self.expires, self.added)


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands on a list, `by` whom since `at`."""

    item: Item
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Weight:
    """How many entries of a change make it harder to pass, and how many easier."""

    tightens: int = 0
    loosens: int = 0

    def __add__(self, other: Weight) -> Weight:
        return Weight(self.tightens + other.tightens, self.loosens + other.loosens)


@dataclass(frozen=True, slots=True)
class Change:
    """`digest` is of the items in order of their values, or of the declaration; `body` the
    declaration, None for entries; `author` the id of a key, or what made the change."""

    id: str
    list: str
    action: Action
    weight: Weight
    digest: str
    reason: str
    author: str
    created_at: datetime
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What one person may change alone, by kind, within so many seconds."""

    within_s: int
    alone: Mapping[Kind, Weight]

    def allows(self, kind: Kind, weight: Weight) -> bool:
        """Whether one person may do so much, all he did lately counted."""
        most = self.alone[kind]
        return weight.tightens <= most.tightens and weight.loosens <= most.loosens


@cache
def policy() -> Policy:
    """The policy of lists, `policy.toml`."""
    text = (resources.files("anfu.risk.lists") / "policy.toml").read_text("utf-8")
    document = tomllib.loads(text)
    alone = {Kind(kind): Weight(**values) for kind, values in document["alone"].items()}
    return Policy(document["within_s"], alone)


def effective(
    items: Iterable[Item], before: Mapping[str, datetime | None], *, now: datetime
) -> list[Item]:
    """Those that change something, in order of their values. `before`: until when values stand on
    the list."""
    return sorted(
        (item for item in items if _shift(item, before, moment_of(now))), key=lambda i: i.value
    )


def weigh(
    kind: Kind, items: Iterable[Item], before: Mapping[str, datetime | None], *, now: datetime
) -> Weight:
    """How far `items` tighten and loosen. To move the expiry of a black entry forward is to take it
    off, a little later."""
    at = moment_of(now)
    shifts = [_shift(item, before, at) for item in items]
    longer, shorter = sum(s > 0 for s in shifts), sum(s < 0 for s in shifts)
    return Weight(shorter, longer) if kind is Kind.WHITE else Weight(longer, shorter)


def item_line(item: Item) -> str:
    """Sign, value and expiry: what is hashed of an item."""
    return f"{'+' if item.added else '-'}{item.value} {moment_of(item.expires)}"


def change_document(change: Change) -> dict[str, Any]:
    """What a proposal and the evidence say of a change; no value among it."""
    return {
        "change": change.id,
        "list": change.list,
        "action": change.action,
        "tightens": change.weight.tightens,
        "loosens": change.weight.loosens,
        "digest": change.digest,
    }


def _shift(item: Item, before: Mapping[str, datetime | None], at: int) -> int:
    """How much longer the value stands on the list: positive, negative, or not at all."""
    ends = moment_of(before[item.value]) if item.value in before else 0
    stood = ends if ends > at else at
    stands = max(moment_of(item.expires), at) if item.added else at
    return min(stands, FOREVER) - stood
