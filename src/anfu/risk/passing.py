"""How much of what came in has gone on: a quotient of two features, made after them."""

from __future__ import annotations

from anfu.risk.features import Aggregate, Catalogue, numbers_of_sums

# Beyond ten times what came in, an account spends other money, and how much says nothing of mules.
PASSED_MOST = 10.0


def passed_on(out: int, came: int) -> float | None:
    """Of two sums in minor units; None where nothing came in."""
    return min(out / came, PASSED_MOST) if came else None


def passing(catalogue: Catalogue) -> list[tuple[int, int, int]]:
    """Each feature of PASSED_ON, the sum that went out and the one that came in, by their numbers
    in the catalogue."""
    return [
        (i, *numbers_of_sums(feature, catalogue.features))
        for i, feature in enumerate(catalogue.features)
        if feature.aggregate is Aggregate.PASSED_ON
    ]
