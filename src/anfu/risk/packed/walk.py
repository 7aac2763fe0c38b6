"""The features of one key, read off its rows from the newest to the oldest.

Windows with one delay are nested: rows are added up once, and at the end of each window its
features are read off the sums. Nothing is kept between two payments, so what is read is a function
of the set of rows, however they came.
"""

from __future__ import annotations

from anfu.risk.packed.layout import (
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
from anfu.risk.packed.settled import add_digits, add_square, add_total, record_of
from anfu.risk.packed.travel import travel

_RUN, _LOW, _HALF, _MOST = 256, (1 << 53) - 1, (1 << 27) - 1, (1 << 62)


@inner
def read(state: State, given: Words, out: Words, marks: Words, sums: Words, at: Words) -> None:
    """Give the features of one reading. `at`: number of the event, reading, slot (-1 without), and
    the place of the event's own row (-1 when it is not there)."""
    program, reading, slot = state.program, at[1], at[2]
    first, end = (
        program[T_READINGS, reading, R_FEATURES],
        program[T_READINGS, reading, R_PLACES_END],
    )
    if slot < 0:
        known = at[3] != NONE
        for feature in range(first, end):
            if known:
                give_nothing(state, out, feature)
            else:
                give_null(state, out, feature)
        return
    for walk in range(program[T_READINGS, reading, R_PASSES],
                      program[T_READINGS, reading, R_PASSES_END]):  # fmt: skip
        _walk(state, given, out, marks, sums, at, walk)
    for feature in range(program[T_READINGS, reading, R_WORDS],
                         program[T_READINGS, reading, R_PLACES]):  # fmt: skip
        measure_words(state, given, out, slot, feature)
    if program[T_READINGS, reading, R_PLACES] < end:
        travel(state, given, out, reading, slot, at[3])


@inner
def _walk(  # noqa: PLR0913, PLR0917 - of the kernel: what it knows is passed by hand
    state: State, given: Words, out: Words, marks: Words, sums: Words, at: Words, walk: Int
) -> None:
    program, arena, slot, own = state.program, state.arena, at[2], at[3]
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
                _tiled(state, given, out, marks, sums, at, span, mine)
                continue
        low = 0 if window < 0 else place_of(state, slot, after)
        if low < high:
            _add(state, given, sums, at, walk, span - spans, low, high, mask)
            high = low
        if window < 0:
            _add_settled(state, given, sums, walk, slot)
        for feature in range(program[T_SPANS, span, W_FEATURES],
                             program[T_SPANS, span, W_FEATURES_END]):  # fmt: skip
            if program[T_FEATURES, feature, F_KIND] == FRAUD_SHARE:
                _share(state, given, out, sums, slot, feature)
            elif not measure(state, given, out, sums, feature, mine):
                ask_division(state, marks, sums, at[0], feature, mine)


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
def _add(  # noqa: PLR0913, PLR0917
    state: State, given: Words, sums: Words, at: Words, walk: Int, span: Int, low: Int, high: Int,
    mask: Int,
) -> None:  # fmt: skip
    """Add up the rows `[low, high)`, all older than those added before; each figure in a loop of
    its own, which touches no column but its own and the bits."""
    program, slot, arena = state.program, at[2], state.arena
    stride, bit = capacity(state, slot), program[T_PASSES, walk, P_BIT]
    first, end = state.slots[slot, BLOCK] + low, state.slots[slot, BLOCK] + high
    bits = arena[first + BITS * stride : end + BITS * stride]
    held = count_in(bits, bit)
    sums[N] += held
    if held == 0 or program[T_PASSES, walk, P_COUNTS] != 0:
        return
    times, amounts = arena[first:end], arena[first + stride : end + stride]
    _add_ends(sums, times, amounts, bits, bit, at[3] - low)
    _add_amounts(sums, amounts, bits, bit, program[T_PASSES, walk, P_SQUARES])
    if program[T_PASSES, walk, P_EXTREMES] != 0:
        _add_extremes(sums, amounts, bits, bit)
    columns, pairs = program[T_PASSES, walk, P_COLUMNS], program[T_PASSES, walk, P_PAIRS]
    for c in range(columns, program[T_PASSES, walk, P_PAIRS_END]):
        column = program[T_COLUMNS, c, C_ROW] * stride
        texts = arena[first + column : end + column]
        if c >= pairs:
            then = _first(times, texts, bits, bit, given[program[T_COLUMNS, c, C_GIVEN]])
            if then != NONE:
                sums[FIRSTS + c - pairs] = then
        elif span <= program[T_COLUMNS, c, C_SPAN]:
            seen = state.seen[c - columns]
            new = _tell_apart(seen, state.meta[STAMP], texts, bits, bit, mask)
            sums[DIFFERENT + c - columns] += new


@inner
def _add_ends(sums: Words, times: Words, amounts: Words, bits: Words, bit: Int, own: Int) -> None:
    """The newest row, the newest but the own one, and the oldest; there is one at least."""
    i = len(bits) - 1
    while i >= 0 and (sums[NEWEST_AT] == NONE or sums[OTHER_AT] == NONE):
        if bits[i] & bit != 0:
            if sums[NEWEST_AT] == NONE:
                sums[NEWEST_AT] = times[i]
                sums[NEWEST] = amounts[i]
            if i != own and sums[OTHER_AT] == NONE:
                sums[OTHER_AT] = times[i]
        i -= 1
    i = 0
    while bits[i] & bit == 0:
        i += 1
    sums[OLDEST_AT] = times[i]
    sums[OLDEST] = amounts[i]


@inner
def _add_amounts(sums: Words, amounts: Words, bits: Words, bit: Int, squares: Int) -> None:
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
def _add_extremes(sums: Words, amounts: Words, bits: Words, bit: Int) -> None:
    most, least = sums[MOST], _MOST if sums[LEAST] == NONE else sums[LEAST]
    for i in range(len(bits)):
        inside = bits[i] & bit != 0
        most = max(most, amounts[i] if inside else NONE)
        least = min(least, amounts[i] if inside else _MOST)
    sums[MOST] = most
    sums[LEAST] = least


@inner
def _tell_apart(seen: Words, stamp: Int, texts: Words, bits: Words, bit: Int, mask: Int) -> Int:
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
def _first(times: Words, texts: Words, bits: Words, bit: Int, text: Int) -> Int:
    """When the oldest row with that text was; NONE without."""
    if text >= 0:
        for i in range(len(bits)):
            if texts[i] == text and bits[i] & bit != 0:
                return times[i]
    return NONE


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
def _tiled(  # noqa: PLR0913, PLR0917
    state: State, given: Words, out: Words, marks: Words, sums: Words, at: Words, span: Int,
    mine: Int,
) -> None:  # fmt: skip
    """Have the features of a window read from tiles, but for those of its newest row alone."""
    program, frauds = state.program, 0
    for feature in range(program[T_SPANS, span, W_FEATURES],
                         program[T_SPANS, span, W_FEATURES_END]):  # fmt: skip
        if program[T_FEATURES, feature, F_KIND] == FRAUD_SHARE:
            frauds = known_frauds(state, given, at[2], feature)[0]
        give_null(state, out, feature)
    n = mark(state, marks, at[0], READ_TILES, at[2], span)
    marks[n, M_FIRST + 1] = mine
    marks[n, M_FIRST + 2] = frauds
    marks[n, M_FIRST + 3] = sums[NEWEST]
    marks[n, M_FIRST + 4] = sums[OTHER_AT]
