"""The features of one key, read off its rows from the newest to the oldest.

Windows with one delay are nested: rows are added up once, and at the end of each window its
features are read off the sums. Nothing is kept between two payments, so what is read is a function
of the set of rows, however they came.
"""

from __future__ import annotations

from anfu.risk.packed.columns import (
    add_amounts,
    add_ends,
    add_extremes,
    first_with,
    tell_apart,
)
from anfu.risk.packed.layout import (
    APPROXIMATE,
    AT_OWN,
    AT_READING,
    AT_SLOT,
    BITS,
    BLOCK,
    C_GIVEN,
    C_ROW,
    C_SPAN,
    F_KIND,
    G_AT,
    HOME,
    LIMIT,
    NEEDS_AMOUNTS,
    NEEDS_COUNT,
    NEEDS_ENDS,
    NEEDS_EXTREMES,
    NEEDS_MORE,
    NEEDS_SQUARES,
    NONE,
    P_BIT,
    P_COLUMNS,
    P_DELAY,
    P_GROUP,
    P_PAIRS,
    P_PAIRS_END,
    P_SPANS,
    P_SPANS_END,
    R_FEATURES,
    R_PASSES,
    R_PASSES_END,
    R_PLACES,
    R_PLACES_END,
    R_WORDS,
    S_COUNT,
    S_FIRST,
    S_HIGH,
    S_LAST,
    S_LEAST,
    S_LOW,
    S_MOST,
    S_NEWEST,
    S_OLDEST,
    S_PAIRS,
    STAMP,
    T_COLUMNS,
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
from anfu.risk.packed.layout import (
    S_SQUARES as SETTLED_SQUARES,
)
from anfu.risk.packed.machine import inner
from anfu.risk.packed.measure import (
    DIFFERENT,
    FIRSTS,
    FRAUD_SHARE,
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
    SUMS_WIDTH,
    N,
    ask_division,
    give_double,
    give_nothing,
    give_null,
    known_frauds,
    measure,
    measure_words,
)
from anfu.risk.packed.memory import capacity, find, new_stamp
from anfu.risk.packed.rings import make_ring, read_ring, ring_of, trimmed_of
from anfu.risk.packed.rows import count_bit, count_in, place_of
from anfu.risk.packed.settled import add_total, record_of
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
    _start(state, desk.given, sums, walk)
    mask, high, hot = _mask(end), end, False
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
                _start(state, desk.given, sums, walk)
                high = end
        if low < high:
            _add(state, desk, walk, span, (low, high, mask))
            high = low
        if window < 0:
            _add_settled(state, desk.given, sums, walk, at[AT_SLOT])
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
def _start(state: State, given: Words, sums: Words, walk: Int) -> None:
    program = state.program
    for i in range(SUMS_WIDTH):
        sums[i] = 0
    for i in (MOST, LEAST, OLDEST_AT, NEWEST_AT, OTHER_AT):
        sums[i] = NONE
    for i in range(program[T_PASSES, walk, P_PAIRS_END] - program[T_PASSES, walk, P_PAIRS]):
        sums[FIRSTS + i] = NONE
    if program[T_PASSES, walk, P_COLUMNS] < program[T_PASSES, walk, P_PAIRS]:
        new_stamp(state)


@inner
def _mask(rows: Int) -> Int:
    """Of tables that so many texts leave half empty; no window has more than LIMIT rows and one."""
    mask = 7
    while mask < 2 * min(rows, LIMIT + 1):
        mask = 2 * mask + 1
    return mask


@inner
def _add(state: State, desk: Desk, walk: Int, span: Int, rows: tuple[Int, Int, Int]) -> None:
    """Add up rows, all older than those added before: from the first of `rows` up to the second;
    the third is the mask of tables they leave half empty. Each figure in a loop of its own, which
    touches no column but its own and the bits, if a window from here on needs it."""
    given, sums, (low, high, mask) = desk.given, desk.sums, rows
    program, slot, arena = state.program, desk.at[AT_SLOT], state.arena
    stride, bit = capacity(state, slot), program[T_PASSES, walk, P_BIT]
    first, end = state.slots[slot, BLOCK] + low, state.slots[slot, BLOCK] + high
    bits, needs = (
        arena[first + BITS * stride : end + BITS * stride],
        program[T_SPANS, span, W_NEEDS],
    )
    if needs & NEEDS_COUNT != 0:
        held = count_in(bits, bit)
        sums[N] += held
        if held == 0:
            return
    times, amounts = arena[first:end], arena[first + stride : end + stride]
    if needs & NEEDS_ENDS != 0:
        add_ends(sums, times, amounts, bits, bit, desk.at[AT_OWN] - low)
    if needs & NEEDS_AMOUNTS != 0:
        add_amounts(sums, amounts, bits, bit, needs & NEEDS_SQUARES)
    if needs & NEEDS_EXTREMES != 0:
        add_extremes(sums, amounts, bits, bit)
    columns, pairs = program[T_PASSES, walk, P_COLUMNS], program[T_PASSES, walk, P_PAIRS]
    for c in range(columns, program[T_PASSES, walk, P_PAIRS_END]):
        column = program[T_COLUMNS, c, C_ROW] * stride
        texts = arena[first + column : end + column]
        if c >= pairs:
            then = first_with(times, texts, bits, bit, given[program[T_COLUMNS, c, C_GIVEN]])
            if then != NONE:
                sums[FIRSTS + c - pairs] = then
        elif span - program[T_PASSES, walk, P_SPANS] <= program[T_COLUMNS, c, C_SPAN]:
            seen = state.seen[c - columns]
            new = tell_apart(seen, state.meta[STAMP], texts, bits, bit, mask)
            sums[DIFFERENT + c - columns] += new


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
def _add_settled(state: State, given: Words, sums: Words, walk: Int, slot: Int) -> None:
    """Rows that have left are all older than those that are there, or nearly so."""
    program, arena = state.program, state.arena
    record = record_of(state, slot, program[T_PASSES, walk, P_GROUP])
    if record == NONE:
        return
    if sums[N] == 0:
        sums[NEWEST] = arena[record + S_NEWEST]
    if sums[OTHER_AT] == NONE:
        sums[OTHER_AT] = min(arena[record + S_LAST], given[G_AT])
    if sums[OLDEST_AT] == NONE or arena[record + S_FIRST] <= sums[OLDEST_AT]:
        sums[OLDEST_AT] = arena[record + S_FIRST]
        sums[OLDEST] = arena[record + S_OLDEST]
    sums[N] += arena[record + S_COUNT]
    add_total(sums, LOW, arena[record + S_LOW])
    sums[HIGH] += arena[record + S_HIGH]
    for i in range(4):
        sums[SQUARES + i] += arena[record + SETTLED_SQUARES + i]
    sums[MOST] = max(sums[MOST], arena[record + S_MOST])
    if sums[LEAST] == NONE or arena[record + S_LEAST] < sums[LEAST]:
        sums[LEAST] = arena[record + S_LEAST]
    first = program[T_PASSES, walk, P_PAIRS]
    for c in range(first, program[T_PASSES, walk, P_PAIRS_END]):
        table = record + S_PAIRS + 3 * (c - first)
        text = given[program[T_COLUMNS, c, C_GIVEN]]
        if text >= 0 and arena[table] != NONE:
            place = find(state, arena[table], arena[table + 2], text)
            known = sums[FIRSTS + c - first]
            if arena[place] != 0 and (known == NONE or arena[place + 1] < known):
                sums[FIRSTS + c - first] = arena[place + 1]


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
