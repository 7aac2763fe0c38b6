"""How alike two devices are, when the key that would prove it is gone.

The score adds bits for each trait on which both agree and takes bits off where they differ: the
model of Fellegi and Sunter (A Theory for Record Linkage, JASA 1969) with weights set by hand. What
devices of one model share (canvas, renderer, screen) tells them apart badly: telephones of one
model report the same, so that a page leaves out their fonts and voices. The thresholds follow: a
telephone of the payer's own is known again in its network only, a computer also elsewhere, and of
payers unknown a computer that is the same in everything. What is doubtful is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Traits = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Weight:
    """Bits for and against."""

    same: float
    other: float


# What the browser's version is part of (canvas, audio) changes with an update of it; memory, cores
# and the graphics chip do not change at all.
WEIGHTS: Mapping[str, Weight] = {
    "fonts": Weight(6.0, 2.0),
    "canvas": Weight(4.0, 0.5),
    "webgl": Weight(3.0, 5.0),
    "audio": Weight(2.0, 0.25),
    "screen": Weight(2.5, 3.0),
    "pixels": Weight(1.0, 1.5),
    "cores": Weight(1.5, 8.0),
    "memory": Weight(1.0, 8.0),
    "platform": Weight(1.0, 10.0),
    "engine": Weight(0.5, 10.0),
    "touch": Weight(0.5, 6.0),
    "languages": Weight(2.0, 2.0),
    "time_zone": Weight(1.0, 2.0),
    "voices": Weight(4.0, 1.0),
    "plugins": Weight(1.0, 1.0),
    "network": Weight(8.0, 0.0),
}
# Candidates are found by groups of traits: an update and a journey leave one of them.
BLOCKS = (
    ("webgl", "screen", "cores", "memory"),
    ("fonts", "webgl", "cores"),
    ("canvas", "audio", "screen"),
)
NEEDED = 33.0
# Among the payer's own devices less is needed: there are few of them. A stranger's telephone of the
# same model has 21.
NEEDED_OWN = 22.0
APART = 4.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A device that may be the one; `own`: it was seen with this payer before."""

    device: str
    traits: Traits
    own: bool = False


def blocks(traits: Traits) -> list[str]:
    """The keys under which a device with these traits is looked for."""
    found = []
    for names in BLOCKS:
        if all(name in traits for name in names):
            found.append("|".join((names[0], *(traits[name] for name in names))))
    return found


def likeness(one: Traits, other: Traits) -> float:
    """Bits in favour of both being one device."""
    bits = 0.0
    for name, weight in WEIGHTS.items():
        a, b = one.get(name), other.get(name)
        if a is not None and b is not None:
            bits += weight.same if a == b else -weight.other
    return bits


def find_alike(traits: Traits, candidates: Iterable[Candidate]) -> str | None:
    """The device these traits are of, if one candidate alone is alike enough; the payer's own
    before all others."""
    scored = [(likeness(traits, c.traits), c) for c in candidates]
    for some, needed in (
        ([s for s in scored if s[1].own], NEEDED_OWN),
        (scored, NEEDED),
    ):
        ranked = sorted(some, key=lambda pair: -pair[0])
        second = ranked[1][0] if len(ranked) > 1 else float("-inf")
        if ranked and ranked[0][0] >= needed and ranked[0][0] - second >= APART:
            return ranked[0][1].device
    return None
