"""Step-up policy: by which factors may a challenge be met? The least intrusive comes first."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

from anfu.authentication.factor import FACTORS, FactorClass

# What a factor asks of the payer: nothing, a touch, looking at an app, waiting for a message,
# remembering, being looked at.
BURDEN = {
    "device_key": 0,
    "passkey": 1,
    "totp": 2,
    "hotp": 3,
    "sms_code": 4,
    "password": 5,
    "face": 7,
}
"""Every factor that can meet a challenge, with its burden."""
FACE = "face"
# A thief of an unlocked device has its key without doing anything.
_SILENT = frozenset({"device_key"})
_MOST = 2

Ways = tuple[tuple[str, ...], ...]


def ways(*, has: Collection[str], claimed: Collection[str], classes: int) -> Ways:
    """The sets of factors that meet a challenge, each enough by itself, least intrusive first.

    `has`: what the payer can use now. `claimed`: what the caller verified before. `classes`: how
    many distinct classes the law asks of the payment (43号 art. 24). Numbered: 1 a set has no two
    of a class, 2 with `claimed` it reaches `classes`, 3 something in it is held or inherent, and
    not by itself silent: a password alone was perhaps phished, 4 no set holds another one, 5 a
    face is asked for only beside an alternative (G17). Empty: there is no way.
    """
    known = sorted((f for f in set(has) if f in BURDEN), key=lambda f: (BURDEN[f], f))
    found: list[tuple[str, ...]] = []
    for size in range(1, _MOST + 1):
        for chosen in combinations(known, size):
            smaller = any(set(way) <= set(chosen) for way in found)  # 4
            if not smaller and _enough(chosen, claimed, classes):
                found.append(chosen)
    if all(FACE in way for way in found):  # 5
        return ()
    return tuple(sorted(found, key=lambda way: (sum(BURDEN[f] for f in way), way)))


def factors_of(allowed: Ways, proven: Collection[str]) -> frozenset[str]:
    """What may be proven next: factors of the ways that hold what is proven already. Where that
    is a face alone, the ways without one stay open beside it (G17)."""
    fitting = [way for way in allowed if set(proven) <= set(way)]
    following = frozenset(f for way in fitting for f in way) - set(proven)
    if following != {FACE}:
        return following
    others = (way for way in allowed if FACE not in way)
    return following | frozenset(f for way in others for f in way) - set(proven)


def is_met(allowed: Ways, proven: Collection[str]) -> bool:
    """Whether one of the ways was gone to its end."""
    return any(set(way) <= set(proven) for way in allowed)


def _enough(chosen: tuple[str, ...], claimed: Collection[str], classes: int) -> bool:
    own = [FACTORS[factor] for factor in chosen]
    if len(set(own)) < len(own):  # 1
        return False
    if len({*own, *(FACTORS[factor] for factor in claimed)}) < classes:  # 2
        return False
    if set(chosen) <= _SILENT:  # 3
        return False
    return any(one is not FactorClass.KNOWLEDGE for one in own)
