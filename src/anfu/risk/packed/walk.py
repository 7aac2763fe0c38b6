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
    AT_EVENT,
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
    LIMIT,
    M_FIRST,
    NONE,
    P_BIT,
    P_COLUMNS,
    P_COUNTS,
    P_DELAY,
    P_EXTREMES,
    P_GROUP,
    P_PAIRS,
    P_PAIRS_END,
    P_SPANS,
    P_SPANS_END,
    P_SQUARES,
    R_FEATURES,
    R_PASSES,
    R_PASSES_END,
    R_PLACES,
    R_PLACES_END,
    R_WORDS,
    READ_TILES,
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
    mark,
    measure,
    measure_words,
)
from anfu.risk.packed.memory import capacity, find, new_stamp
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
    given, out, sums = desk.given, desk.out, desk.sums
    program, arena, slot, own = state.program, state.arena, desk.at[AT_SLOT], desk.at[AT_OWN]
    bit, delay = program[T_PASSES, walk, P_BIT], program[T_PASSES, walk, P_DELAY]
    stride, block = capacity(state, slot), state.slots[slot, BLOCK]
    until = given[G_AT] - delay
    end = place_of(state, slot, until)
    mine = own >= 0 and delay == 0 and arena[block + own + BITS * stride] & bit != 0
    _start(state, given, sums, walk)
    mask, high = _mask(end), end
    spans = program[T_PASSES, walk, P_SPANS]
    for span in range(spans, program[T_PASSES, walk, P_SPANS_END]):
        window = program[T_SPANS, span, W_WINDOW]
        after = NONE if window < 0 else until - window
        if window >= 0 and state.slots[slot, TILED] & bit != 0:
            inside = count_bit(state, slot, bit, place_of(state, slot, after))
            later = count_bit(state, slot, bit, place_of(state, slot, given[G_AT]))
            if inside - later > LIMIT:
                _look_last(state, sums, slot, bit, end, own)
                _tiled(state, desk, span, mine)
                continue
        low = 0 if window < 0 else place_of(state, slot, after)
        if low < high:
            _add(state, desk, walk, span - spans, (low, high, mask))
            high = low
        if window < 0:
            _add_settled(state, given, sums, walk, slot)
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
    touches no column but its own and the bits."""
    given, sums, (low, high, mask) = desk.given, desk.sums, rows
    program, slot, arena = state.program, desk.at[AT_SLOT], state.arena
    stride, bit = capacity(state, slot), program[T_PASSES, walk, P_BIT]
    first, end = state.slots[slot, BLOCK] + low, state.slots[slot, BLOCK] + high
    bits = arena[first + BITS * stride : end + BITS * stride]
    held = count_in(bits, bit)
    sums[N] += held
    if held == 0 or program[T_PASSES, walk, P_COUNTS] != 0:
        return
    times, amounts = arena[first:end], arena[first + stride : end + stride]
    add_ends(sums, times, amounts, bits, bit, desk.at[AT_OWN] - low)
    add_amounts(sums, amounts, bits, bit, program[T_PASSES, walk, P_SQUARES])
    if program[T_PASSES, walk, P_EXTREMES] != 0:
        add_extremes(sums, amounts, bits, bit)
    columns, pairs = program[T_PASSES, walk, P_COLUMNS], program[T_PASSES, walk, P_PAIRS]
    for c in range(columns, program[T_PASSES, walk, P_PAIRS_END]):
        column = program[T_COLUMNS, c, C_ROW] * stride
        texts = arena[first + column : end + column]
        if c >= pairs:
            then = first_with(times, texts, bits, bit, given[program[T_COLUMNS, c, C_GIVEN]])
            if then != NONE:
                sums[FIRSTS + c - pairs] = then
        elif span <= program[T_COLUMNS, c, C_SPAN]:
            seen = state.seen[c - columns]
            new = tell_apart(seen, state.meta[STAMP], texts, bits, bit, mask)
            sums[DIFFERENT + c - columns] += new


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
def _look_last(state: State, sums: Words, slot: Int, bit: Int, end: Int, own: Int) -> None:
    """The newest row of a window that is not walked, and the newest before the own one."""
    arena, stride, block = state.arena, capacity(state, slot), state.slots[slot, BLOCK]
    i = end - 1
    while i >= 0 and sums[OTHER_AT] == NONE:
        if arena[block + i + BITS * stride] & bit != 0:
            if sums[NEWEST_AT] == NONE:
                sums[NEWEST_AT] = arena[block + i]
                sums[NEWEST] = arena[block + i + stride]
            if i != own:
                sums[OTHER_AT] = arena[block + i]
        i -= 1


@inner
def _tiled(state: State, desk: Desk, span: Int, mine: Int) -> None:
    """Have the features of a window read from tiles, but for those of its newest row alone."""
    program, slot, frauds = state.program, desk.at[AT_SLOT], 0
    for feature in range(program[T_SPANS, span, W_FEATURES],
                         program[T_SPANS, span, W_FEATURES_END]):  # fmt: skip
        if program[T_FEATURES, feature, F_KIND] == FRAUD_SHARE:
            frauds = known_frauds(state, desk.given, slot, feature)[0]
        give_null(state, desk.out, feature)
    n = mark(state, desk.marks, desk.at[AT_EVENT], READ_TILES, slot, span)
    desk.marks[n, M_FIRST + 1] = mine
    desk.marks[n, M_FIRST + 2] = frauds
    desk.marks[n, M_FIRST + 3] = desk.sums[NEWEST]
    desk.marks[n, M_FIRST + 4] = desk.sums[OTHER_AT]
