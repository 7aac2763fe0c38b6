"""Each aggregate, read off what a walk over rows has added up."""

from __future__ import annotations

from math import sqrt

from anfu.kernel.money import MAX_MINOR
from anfu.risk.features import Aggregate
from anfu.risk.packed.layout import (
    AT_EVENT,
    DIVIDE,
    F_ARGUMENT,
    F_BIT,
    F_DELAY,
    F_KIND,
    F_OUT,
    F_WINDOW,
    F_ZERO,
    M_EVENT,
    M_FIRST,
    M_SLOT,
    M_WHAT,
    MARKS,
    NONE,
    NULLS,
    SECOND,
    T_FEATURES,
    VALUES,
    Desk,
    Int,
    State,
    Words,
)
from anfu.risk.packed.machine import inner
from anfu.risk.packed.place import bits_of
from anfu.risk.packed.words import frauds

# What a walk adds up: amounts as `settled` keeps them, the oldest row, the newest, and the newest
# before the payment being decided; then numbers of texts told apart, and first times with a text.
(N, LOW, HIGH, SQUARES, _1, _2, _3, MOST, LEAST, OLDEST_AT, OLDEST, NEWEST_AT, NEWEST,
 OTHER_AT) = range(14)  # fmt: skip
DIFFERENT, FIRSTS = 16, 48
SUMS_WIDTH = 80

KINDS = {aggregate: n for n, aggregate in enumerate(Aggregate)}
COUNT, SUM, MEAN, MAX, MIN, STD, DISTINCT, FIRST, LAST = (
    KINDS[Aggregate(name)]
    for name in ("COUNT", "SUM", "MEAN", "MAX", "MIN", "STD", "DISTINCT", "FIRST", "LAST")
)
SINCE_LAST, AGE, PAIR_AGE, RATIO, FRAUD_COUNT, FRAUD_SHARE, FRAUD_SINCE, FRAUD_AGE = (
    KINDS[Aggregate(name)]
    for name in ("SINCE_LAST", "AGE", "PAIR_AGE", "RATIO", "FRAUD_COUNT", "FRAUD_SHARE",
                 "FRAUD_SINCE", "FRAUD_AGE")
)  # fmt: skip
_EXACT = 1 << 53


@inner
def give(state: State, out: Words, feature: Int, value: Int) -> None:
    """A whole number."""
    out[VALUES + state.program[T_FEATURES, feature, F_OUT]] = value


@inner
def give_double(state: State, out: Words, feature: Int, value: Int) -> None:
    out[VALUES + state.program[T_FEATURES, feature, F_OUT]] = bits_of(value)


@inner
def give_null(state: State, out: Words, feature: Int) -> None:
    place = state.program[T_FEATURES, feature, F_OUT]
    out[VALUES + place] = 0
    out[out[NULLS]] = place
    out[NULLS] += 1


@inner
def give_nothing(state: State, out: Words, feature: Int) -> None:
    """The value where nothing is known: 0 (or 0.0, of the same bits), or NULL."""
    if state.program[T_FEATURES, feature, F_ZERO] != 0:
        give(state, out, feature, 0)
    else:
        give_null(state, out, feature)


@inner
def mark(state: State, marks: Words, event: Int, what: Int, slot: Int, value: Int) -> Int:
    """One thing more for Python to do; its place."""
    n = state.meta[MARKS]
    state.meta[MARKS] = n + 1
    marks[n, M_EVENT] = event
    marks[n, M_WHAT] = what
    marks[n, M_SLOT] = slot
    marks[n, M_FIRST] = value
    return n


@inner
def measure(  # noqa: PLR0912 - one a kind
    state: State, given: Words, out: Words, sums: Words, feature: Int, mine: Int
) -> bool:
    """Give the value of a feature; `mine` says whether the payment being decided was counted.
    False when its division has to be done with more than 53 bits."""
    program = state.program
    kind, at = program[T_FEATURES, feature, F_KIND], given[0]
    if kind == COUNT:
        give(state, out, feature, sums[N])
    elif kind == SUM:
        give(state, out, feature, MAX_MINOR if sums[HIGH] > 0 else sums[LOW])
    elif kind == DISTINCT:
        give(state, out, feature, sums[DIFFERENT + program[T_FEATURES, feature, F_ARGUMENT]])
    elif kind == PAIR_AGE:
        column = program[T_FEATURES, feature, F_ARGUMENT]
        _since(state, out, feature, at, sums[FIRSTS + column])
    elif kind == AGE:
        _since(state, out, feature, at, sums[OLDEST_AT])
    elif kind == SINCE_LAST:
        _since(state, out, feature, at, sums[OTHER_AT])
    elif kind == RATIO:
        return _ratio(state, given, out, sums, feature, mine)
    elif sums[N] == 0:
        give_nothing(state, out, feature)
    elif kind == MEAN:
        if sums[HIGH] > 0:
            return False
        give_double(state, out, feature, sums[LOW] / sums[N])
    elif kind == STD:
        return _deviation(state, out, sums, feature)
    elif kind == MAX:
        give(state, out, feature, sums[MOST])
    elif kind == MIN:
        give(state, out, feature, sums[LEAST])
    elif kind == FIRST:
        give(state, out, feature, sums[OLDEST])
    elif kind == LAST:
        give(state, out, feature, sums[NEWEST])
    return True


@inner
def _since(state: State, out: Words, feature: Int, at: Int, then: Int) -> None:
    if then == NONE or then > at:
        give_null(state, out, feature)
    else:
        give(state, out, feature, (at - then) // SECOND)


@inner
def _ratio(state: State, given: Words, out: Words, sums: Words, feature: Int, mine: Int) -> bool:
    amount = given[1]
    rest, others = sums[LOW] - (amount if mine else 0), sums[N] - mine
    if sums[HIGH] > 0:
        return False
    if rest == 0:
        give_null(state, out, feature)
        return True
    if others != 0 and amount >= _EXACT // others:
        return False
    give_double(state, out, feature, amount * others / rest)
    return True


@inner
def _deviation(state: State, out: Words, sums: Words, feature: Int) -> bool:
    """Where count times squares and the square of the total are below 2^62."""
    count, total = sums[N], sums[LOW]
    if sums[HIGH] > 0 or total >= 1 << 31 or sums[SQUARES + 3] > 0 or sums[SQUARES + 2] >= 1 << 8:
        return False
    squares = sums[SQUARES] + (sums[SQUARES + 1] << 27) + (sums[SQUARES + 2] << 54)
    if squares >= (1 << 62) // count:
        return False
    give_double(state, out, feature, sqrt(count * squares - total * total) / count)
    return True


@inner
def measure_words(state: State, given: Words, out: Words, slot: Int, feature: Int) -> None:
    """A feature of what was said of payments alone."""
    program, at = state.program, given[0]
    kind = program[T_FEATURES, feature, F_KIND]
    number, oldest, newest = known_frauds(state, given, slot, feature)
    if kind == FRAUD_COUNT:
        give(state, out, feature, number)
    else:
        _since(state, out, feature, at, newest if kind == FRAUD_SINCE else oldest)


@inner
def known_frauds(state: State, given: Words, slot: Int, feature: Int) -> tuple[Int, Int, Int]:
    """As `words.frauds`, in the window of a feature."""
    program, at = state.program, given[0]
    until = at - program[T_FEATURES, feature, F_DELAY]
    after = until - program[T_FEATURES, feature, F_WINDOW]
    return frauds(state, slot, program[T_FEATURES, feature, F_BIT], after, until, at)


@inner
def ask_division(state: State, desk: Desk, feature: Int, mine: Int) -> None:
    """Have a quotient made of whole numbers of any size."""
    n = mark(state, desk.marks, desk.at[AT_EVENT], DIVIDE, mine, feature)
    for i in range(SQUARES + 4):
        desk.marks[n, M_FIRST + 1 + i] = desk.sums[i]
