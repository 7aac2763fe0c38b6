"""Which decisions come into one case: those that share who pays, with what, to whom."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from anfu.risk.decision import Decision
from anfu.risk.event import Event

Link = tuple[str, str]
"""An input by name and its value."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A decision that asks for a person. `held`: a payment of ours waits for it; `fate` is the
    state of one that does not wait."""

    decision: Decision
    held: bool
    fate: str | None = None

    def links(self, group_by: Collection[str]) -> list[Link]:
        """What ties it to others."""
        return [link for link in links_of(self.decision.event) if link[0] in group_by]


@dataclass(slots=True)
class Group:
    """A case there is, or will be, with room for `room` more; `links` tie decisions to it."""

    case_id: str
    currency: str
    opened_at: datetime
    room: int
    links: set[Link] = field(default_factory=set)
    subjects: list[Subject] = field(default_factory=list)

    def takes(self, subject: Subject, links: Collection[Link]) -> bool:
        """Whether the decision belongs into it."""
        same = self.currency == subject.decision.event.currency
        return same and self.room > 0 and not self.links.isdisjoint(links)

    def add(self, subject: Subject, links: Collection[Link]) -> None:
        self.subjects.append(subject)
        self.links.update(links)
        self.room -= 1


def links_of(event: Event) -> list[Link]:
    """Every link of an event, by name of the input."""
    named = {
        "payer": event.payer,
        "device": event.environment.device,
        "card": event.card,
        "payee": event.payee,
    }
    return [(name, value) for name, value in named.items() if value]


def group(
    subjects: Sequence[Subject],
    known: Sequence[Group],
    ids: Iterator[str],
    *,
    group_by: Collection[str],
    most: int,
    now: datetime,
) -> list[Group]:
    """Where each subject goes: into the oldest group it is tied to, those before it in the batch
    included, else into a new one under the next of `ids`. The groups that got something, those
    that were `known` first."""
    groups = sorted(known, key=lambda g: (g.opened_at, g.case_id))
    for subject in subjects:
        links = subject.links(group_by)
        found = next((g for g in groups if g.takes(subject, links)), None)
        if found is None:
            found = Group(next(ids), subject.decision.event.currency, now, most)
            groups.append(found)
        found.add(subject, links)
    return [g for g in groups if g.subjects]


def lock_numbers(links: Collection[Link]) -> list[int]:
    """Numbers of 64 bits to lock the links by, in one order for everybody."""
    return sorted(
        {
            int.from_bytes(
                sha256(f"case\0{kind}\0{value}".encode()).digest()[:8], "big", signed=True
            )
            for kind, value in links
        }
    )
