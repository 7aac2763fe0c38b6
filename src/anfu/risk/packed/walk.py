"""The features of one key, read off its rows from the newest to the oldest.

Windows with one delay are nested: rows are added up once, and at the end of each window its
features are read off the sums. Nothing is kept between two payments, so what is read is a function
of the set of rows, however they came.
"""

from __future__ import annotations

from anfu.risk.packed.layout import (
    APPROXIMATE,
    AT_OWN,
    AT_READING,
    AT_SLOT,
    BITS,
    BLOCK,
    F_KIND,
    G_AT,
    HOME,
    LIMIT,
    NEEDS_MORE,
    NONE,
    P_BIT,
    P_DELAY,
    P_GROUP,
    P_SPANS,
    P_SPANS_END,
    R_FEATURES,
    R_PASSES,
    R_PASSES_END,
    R_PLACES,
    R_PLACES_END,
    R_WORDS,
    T_FEATURES,
    T_PASSES,
    T_READINGS,
    T_SPANS,
    TILED,
    W_FEATURES,
    W_FEATURES_END,
    W_NEEDS,
    W_RING,
    W_WINDOW,
    Desk,
    Int,
    State,
    Words,
)
from anfu.risk.packed.machine import inner
from anfu.risk.packed.measure import (
    FRAUD_SHARE,
    NEWEST,
    NEWEST_AT,
    OTHER_AT,
    N,
    ask_division,
    give_double,
    give_nothing,
    give_null,
    known_frauds,
    measure,
    measure_words,
)
from anfu.risk.packed.memory import capacity
from anfu.risk.packed.rings import make_ring, read_ring, ring_of, trimmed_of
from anfu.risk.packed.rows import count_bit, count_in, place_of
from anfu.risk.packed.sums import add_rows, add_settled, mask_for, start
from anfu.risk.packed.travel import travel


@inner
def read(state: State, desk: Desk) -> None:
    """Give the features of the reading the desk is at."""
    given, out = desk.given, desk.out
    program, reading, slot = state.program, desk.at[AT_READING], desk.at[AT_SLOT]
    first, end = (
        program[T_READINGS, reading, R_FEATURES],
        program[T_READINGS, reading, R_PLACES_END],
    )
    if slot < 0:
        known = desk.at[AT_OWN] != NONE
        for feature in range(first, end):
            if known:
                give_nothing(state, out, feature)
            else:
                give_null(state, out, feature)
        return
    for walk in range(program[T_READINGS, reading, R_PASSES],
                      program[T_READINGS, reading, R_PASSES_END]):  # fmt: skip
        _walk(state, desk, walk)
    for feature in range(program[T_READINGS, reading, R_WORDS],
                         program[T_READINGS, reading, R_PLACES]):  # fmt: skip
        measure_words(state, given, out, slot, feature)
    if program[T_READINGS, reading, R_PLACES] < end:
        travel(state, given, out, reading, slot, desk.at[AT_OWN])


@inner
def _walk(state: State, desk: Desk, walk: Int) -> None:
    program, sums, at = state.program, desk.sums, desk.at
    until = desk.given[G_AT] - program[T_PASSES, walk, P_DELAY]
    end = place_of(state, at[AT_SLOT], until)
    start(state, sums, walk)
    mask, high, hot = mask_for(end), end, False
    spans = program[T_PASSES, walk, P_SPANS]
    for span in range(spans, program[T_PASSES, walk, P_SPANS_END]):
        window = program[T_SPANS, span, W_WINDOW]
        if window >= 0:
            low = place_of(state, at[AT_SLOT], until - window)
            hot = hot or _is_hot(state, desk, span, walk, (low, high, end))
            if hot:
                _read_tiles(state, desk, walk, span, end)
                _give(state, desk, walk, span)
                continue
        else:
            low = 0
            if hot:
                start(state, sums, walk)
                high = end
        if low < high:
            add_rows(state, desk, walk, span, (low, high, mask))
            high = low
        if window < 0:
            add_settled(state, desk.given, sums, walk, at[AT_SLOT])
        _give(state, desk, walk, span)


@inner
def _is_hot(state: State, desk: Desk, span: Int, walk: Int, places: tuple[Int, Int, Int]) -> bool:
    """Whether a window is read from tiles: it has too many rows, or reached rows that only tiles
    know. From the second of the places up to the third the rows were added up. The row that is
    the first too many of its group is still read with the others."""
    program, slot, (low, high, end) = state.program, desk.at[AT_SLOT], places
    if end - low <= LIMIT:
        if state.slots[slot, TILED] == 0:
            return False
        until = desk.given[G_AT] - program[T_PASSES, walk, P_DELAY]
        after = until - program[T_SPANS, span, W_WINDOW]
        trimmed = trimmed_of(state, slot, program[T_PASSES, walk, P_GROUP])
        return bool(
            trimmed > after and ring_of(state, slot, program[T_SPANS, span, W_RING]) != NONE
        )
    bit, held = (
        program[T_PASSES, walk, P_BIT],
        state.slots[slot, BLOCK] + BITS * capacity(state, slot),
    )
    if desk.sums[N] + count_in(state.arena[held + low : held + high], bit) <= LIMIT:
        return False
    if state.slots[slot, TILED] & bit != 0:
        return True
    return bool(count_bit(state, slot, bit, 0) - _owns(state, desk, walk) > LIMIT)


@inner
def _owns(state: State, desk: Desk, walk: Int) -> Int:
    """1 when the payment being decided has a row of its own in the group, else 0."""
    slot, own = desk.at[AT_SLOT], desk.at[AT_OWN]
    if own < 0:
        return 0
    held = state.slots[slot, BLOCK] + own + BITS * capacity(state, slot)
    return 1 if state.arena[held] & state.program[T_PASSES, walk, P_BIT] != 0 else 0


@inner
def _give(state: State, desk: Desk, walk: Int, span: Int) -> None:
    """Give the features of a span, whose figures are in the sums."""
    program, given, out, sums = state.program, desk.given, desk.out, desk.sums
    slot = desk.at[AT_SLOT]
    mine = _owns(state, desk, walk) if program[T_PASSES, walk, P_DELAY] == 0 else 0
    for feature in range(program[T_SPANS, span, W_FEATURES],
                         program[T_SPANS, span, W_FEATURES_END]):  # fmt: skip
        if program[T_FEATURES, feature, F_KIND] == FRAUD_SHARE:
            _share(state, given, out, sums, slot, feature)
        elif not measure(state, given, out, sums, feature, mine):
            ask_division(state, desk, feature, mine)


@inner
def _read_tiles(state: State, desk: Desk, walk: Int, span: Int, end: Int) -> None:
    """The figures of a window from its tiles, but for those of its newest row."""
    program, sums, slot = state.program, desk.sums, desk.at[AT_SLOT]
    ring, delay = program[T_SPANS, span, W_RING], program[T_PASSES, walk, P_DELAY]
    bit = program[T_PASSES, walk, P_BIT]
    if ring_of(state, slot, ring) == NONE:
        make_ring(state, slot, ring, bit)
    read_ring(state, desk, walk, ring, desk.given[G_AT] - delay)
    if program[T_SPANS, span, W_NEEDS] & NEEDS_MORE != 0:
        desk.out[APPROXIMATE] |= 1 << state.slots[slot, HOME]
    if delay != 0:
        sums[OTHER_AT] = sums[NEWEST_AT]
    else:
        _look_last(state, sums, slot, bit, (end, desk.at[AT_OWN]))


@inner
def _share(state: State, given: Words, out: Words, sums: Words, slot: Int, feature: Int) -> None:
    if sums[N] == 0:
        give_nothing(state, out, feature)
    else:
        give_double(state, out, feature, known_frauds(state, given, slot, feature)[0] / sums[N])


@inner
def _look_last(state: State, sums: Words, slot: Int, bit: Int, places: tuple[Int, Int]) -> None:
    """The newest row before the first of the places, and the newest that is not at the second."""
    arena, stride, block = state.arena, capacity(state, slot), state.slots[slot, BLOCK]
    end, own = places
    sums[NEWEST_AT] = NONE
    sums[OTHER_AT] = NONE
    i = end - 1
    while i >= 0 and sums[OTHER_AT] == NONE:
        if arena[block + i + BITS * stride] & bit != 0:
            if sums[NEWEST_AT] == NONE:
                sums[NEWEST_AT] = arena[block + i]
                sums[NEWEST] = arena[block + i + stride]
            if i != own:
                sums[OTHER_AT] = arena[block + i]
        i -= 1
