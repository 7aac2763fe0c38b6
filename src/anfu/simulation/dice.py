"""Dice that follow from a seed and from what they are thrown for, not from what was thrown before:
the day of one payer stays the same however many others there are."""

from __future__ import annotations

import math
import random


def dice(seed: int, *about: object) -> random.Random:
    """The dice for `about` in the world of `seed`."""
    words = "\n".join(str(word) for word in (seed, *about))
    return random.Random(words)  # noqa: S311 - repeatable by intent


def lognormal(thrown: random.Random, median: int, sigma: float, low: int, high: int) -> int:
    """A log-normal whole number in `[low, high]`, thrown again while it lies outside, so that the
    ends are no likelier than they would be."""
    while True:
        value = round(thrown.lognormvariate(math.log(median), sigma))
        if low <= value <= high:
            return value


def chance(thrown: random.Random, probability: float) -> bool:
    return thrown.random() < probability


def count(thrown: random.Random, mean: float, low: int, high: int) -> int:
    """A Poisson number with this mean (Knuth's method), cut to `[low, high]`."""
    limit, n, product = math.exp(-mean), 0, thrown.random()
    while product > limit:
        n += 1
        product *= thrown.random()
    return min(high, max(low, n))
