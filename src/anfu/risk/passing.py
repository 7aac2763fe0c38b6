"""How much of what came in has gone on: a quotient of two features, made after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from anfu.risk.features import Aggregate, Catalogue, Entity, Feature, Purpose

# Beyond ten times what came in, an account spends other money, and how much says nothing of mules.
PASSED_MOST = 10.0


def passed_on(out: int, came: int) -> float | None:
    """Of two sums in minor units; None where nothing came in."""
    return min(out / came, PASSED_MOST) if came else None


def sums_of(feature: Feature) -> tuple[Feature, Feature]:
    """Of one of PASSED_ON: what went out and what came in, of the same window, kinds and
    condition."""
    out = replace(feature, aggregate=Aggregate.SUM)
    return out, replace(out, entity=Entity.PAYEE, by=Entity.PAYER)


def passing(catalogue: Catalogue) -> list[tuple[int, int, int]]:
    """Each feature of PASSED_ON, the sum that went out and the one that came in, by their numbers
    in the catalogue. Raises ValueError where a sum is not there."""
    return [
        (i, *_numbers(feature, catalogue.features))
        for i, feature in enumerate(catalogue.features)
        if feature.aggregate is Aggregate.PASSED_ON
    ]


def _numbers(feature: Feature, features: Sequence[Feature]) -> tuple[int, int]:
    meant = [_meaning(other) for other in features]
    out, came = map(_meaning, sums_of(feature))
    if out not in meant or came not in meant:
        raise ValueError(f"{feature.name}: what went out and what came in are features as well")
    return meant.index(out), meant.index(came)


def _meaning(feature: Feature) -> Feature:
    return replace(feature, name="", unit="", en="", zh="", purpose=Purpose.GENERAL)
