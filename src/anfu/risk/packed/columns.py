"""Figures of some rows of a key, column by column; `bits`: the groups of each row."""

from __future__ import annotations

from anfu.risk.packed.layout import NONE, Int, Words
from anfu.risk.packed.machine import inner
from anfu.risk.packed.measure import (
    HIGH,
    LEAST,
    LOW,
    MOST,
    NEWEST,
    NEWEST_AT,
    OLDEST,
    OLDEST_AT,
    OTHER_AT,
    SQUARES,
)
from anfu.risk.packed.settled import add_digits, add_square, add_total

_RUN, _LOW, _HALF, _MOST = 256, (1 << 53) - 1, (1 << 27) - 1, 1 << 62


@inner
def add_ends(sums: Words, times: Words, amounts: Words, bits: Words, bit: Int, own: Int) -> None:
    """The newest row, the newest but the own one, and the oldest."""
    i = len(bits) - 1
    while i >= 0 and (sums[NEWEST_AT] == NONE or sums[OTHER_AT] == NONE):
        if bits[i] & bit != 0:
            if sums[NEWEST_AT] == NONE:
                sums[NEWEST_AT] = times[i]
                sums[NEWEST] = amounts[i]
            if i != own and sums[OTHER_AT] == NONE:
                sums[OTHER_AT] = times[i]
        i -= 1
    for j in range(len(bits)):
        if bits[j] & bit != 0:
            sums[OLDEST_AT] = times[j]
            sums[OLDEST] = amounts[j]
            return


@inner
def add_amounts(sums: Words, amounts: Words, bits: Words, bit: Int, squares: Int) -> None:
    """In runs whose sums 63 bits hold: of amounts, all below 2^53, and of squares of amounts below
    2^27."""
    for start in range(0, len(bits), _RUN):
        some, held = amounts[start : start + _RUN], bits[start : start + _RUN]
        total = 0
        for i in range(len(held)):
            total += some[i] if held[i] & bit != 0 else 0
        sums[HIGH] += total >> 53
        add_total(sums, LOW, total & _LOW)
        if squares != 0:
            _run_of_squares(sums, some, held, bit)


@inner
def _run_of_squares(sums: Words, some: Words, held: Words, bit: Int) -> None:
    total, large = 0, 0
    for i in range(len(held)):
        amount = some[i] if held[i] & bit != 0 else 0
        large |= amount
        amount &= _HALF
        total += amount * amount
    if large <= _HALF:
        add_digits(sums, SQUARES, total)
        return
    for i in range(len(held)):
        if held[i] & bit != 0:
            add_square(sums, SQUARES, some[i], 1)


@inner
def add_extremes(sums: Words, amounts: Words, bits: Words, bit: Int) -> None:
    most, least = sums[MOST], _MOST if sums[LEAST] == NONE else sums[LEAST]
    for i in range(len(bits)):
        inside = bits[i] & bit != 0
        most = max(most, amounts[i] if inside else NONE)
        least = min(least, amounts[i] if inside else _MOST)
    sums[MOST] = most
    sums[LEAST] = least


@inner
def tell_apart(seen: Words, stamp: Int, texts: Words, bits: Words, bit: Int, mask: Int) -> Int:
    """How many texts this walk has not met before."""
    new = 0
    for i in range(len(bits)):
        text = texts[i]
        if text < 0 or bits[i] & bit == 0:
            continue
        entry = stamp << 31 | text
        place = (text * 2_654_435_761 >> 12) & mask
        while seen[place] >> 31 == stamp and seen[place] != entry:
            place = (place + 1) & mask
        if seen[place] != entry:
            seen[place] = entry
            new += 1
    return new


@inner
def first_with(times: Words, texts: Words, bits: Words, bit: Int, text: Int) -> Int:
    """When the oldest row with that text was; NONE without."""
    if text >= 0:
        for i in range(len(bits)):
            if texts[i] == text and bits[i] & bit != 0:
                return times[i]
    return NONE
