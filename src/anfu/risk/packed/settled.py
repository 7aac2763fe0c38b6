"""What is known for ever of rows that have left: one record for each lifelong group of a key.

Sums and minima do not care in which order rows leave. Squares are four digits of base 2^27, the
total two of base 2^53: both exact for 2^38 amounts of 2^53 - 1.
"""

from __future__ import annotations

from anfu.risk.packed.layout import (
    C_ROW,
    EXTRA,
    G_PAIRS,
    G_PAIRS_END,
    G_SETTLED,
    G_WIDTH,
    H_GROUPS,
    H_GROUPS_END,
    H_PLACED,
    HOME,
    NONE,
    S_CELLS,
    S_COUNT,
    S_FIRST,
    S_LAST,
    S_LATITUDE,
    S_LEAST,
    S_LONGITUDE,
    S_LOW,
    S_MOST,
    S_NEWEST,
    S_OLDEST,
    S_PAIRS,
    S_PLACE_AT,
    S_SQUARES,
    SETTLED,
    SLOT_OF,
    T_COLUMNS,
    T_GROUPS,
    T_HOMES,
    TABLE_BLOCK,
    TOLD,
    TOLD_BLOCK,
    TOLD_LEVEL,
    Int,
    State,
    Words,
)
from anfu.risk.packed.machine import inner
from anfu.risk.packed.memory import (
    drop,
    extra_of,
    find,
    give_block,
    put,
    rows_kind,
    take_block,
    use,
)
from anfu.risk.packed.place import cell_at, double

_HALF, _TOP = (1 << 27) - 1, 1 << 53


@inner
def add_total(words: Words, low: Int, amount: Int) -> None:
    """Add an amount (or take one, when negative) to the two digits from `low`."""
    total = words[low] + amount
    if total >= _TOP:
        total -= _TOP
        words[low + 1] += 1
    elif total < 0:
        total += _TOP
        words[low + 1] -= 1
    words[low] = total


@inner
def add_square(words: Words, low: Int, amount: Int, sign: Int) -> None:
    """Add the square of an amount, `sign` times, to the four digits from `low`."""
    high, rest = amount >> 27, amount & _HALF
    carry = words[low] + sign * rest * rest
    words[low] = carry & _HALF
    carry = words[low + 1] + sign * 2 * high * rest + (carry >> 27)
    words[low + 1] = carry & _HALF
    carry = words[low + 2] + sign * high * high + (carry >> 27)
    words[low + 2] = carry & _HALF
    words[low + 3] += carry >> 27


@inner
def add_digits(words: Words, low: Int, number: Int) -> None:
    """Add a number from 0 on to the four digits from `low`."""
    carry = words[low] + (number & _HALF)
    words[low] = carry & _HALF
    carry = words[low + 1] + (number >> 27 & _HALF) + (carry >> 27)
    words[low + 1] = carry & _HALF
    carry = words[low + 2] + (number >> 54) + (carry >> 27)
    words[low + 2] = carry & _HALF
    words[low + 3] += carry >> 27


@inner
def record_of(state: State, slot: Int, group: Int) -> Int:
    """The record of a group, NONE when none of its rows has left."""
    extra = state.slots[slot, EXTRA]
    if extra == NONE:
        return NONE
    return state.arena[extra + SETTLED + state.program[T_GROUPS, group, G_SETTLED]]


@inner
def make_record(state: State, slot: Int, group: Int) -> Int:
    """A record, made if there is none yet."""
    extra = extra_of(state, slot)
    held = extra + SETTLED + state.program[T_GROUPS, group, G_SETTLED]
    if state.arena[held] == NONE:
        width = state.program[T_GROUPS, group, G_WIDTH]
        record = take_block(state, record_kind(state, group), width, 0)
        for i in range(width):
            state.arena[record + i] = NONE
        for i in range(S_LOW, S_SQUARES + 4):
            state.arena[record + i] = 0
        state.arena[record + S_COUNT] = 0
        state.arena[held] = record
    return state.arena[held]


@inner
def record_kind(state: State, group: Int) -> Int:
    """Records follow the homes among the kinds of blocks."""
    return rows_kind(state.ids.shape[1] - SLOT_OF) + group


@inner
def settle(state: State, slot: Int, group: Int, row: Int, stride: Int) -> None:
    """Keep of a row, whose columns lie `stride` apart from `row` on, what a lifelong group needs;
    rows leave by time."""
    arena, record = state.arena, make_record(state, slot, group)
    at, amount = arena[row], arena[row + stride]
    if arena[record + S_COUNT] == 0 or at < arena[record + S_FIRST]:
        arena[record + S_FIRST] = at
        arena[record + S_OLDEST] = amount
    if arena[record + S_LAST] == NONE or at >= arena[record + S_LAST]:
        arena[record + S_LAST] = at
        arena[record + S_NEWEST] = amount
    if arena[record + S_MOST] == NONE or amount > arena[record + S_MOST]:
        arena[record + S_MOST] = amount
    if arena[record + S_LEAST] == NONE or amount < arena[record + S_LEAST]:
        arena[record + S_LEAST] = amount
    arena[record + S_COUNT] += 1
    add_total(arena, record + S_LOW, amount)
    add_square(arena, record + S_SQUARES, amount, 1)
    program, first = state.program, state.program[T_GROUPS, group, G_PAIRS]
    for c in range(first, program[T_GROUPS, group, G_PAIRS_END]):
        name = arena[row + program[T_COLUMNS, c, C_ROW] * stride]
        if name >= 0:
            _note(state, record + S_PAIRS + 3 * (c - first), name, at)
    home = state.slots[slot, HOME]
    bit = 1 << (group - program[T_HOMES, home, H_GROUPS])
    if program[T_HOMES, home, H_PLACED] & bit:
        _visit(state, record, row, stride)


@inner
def unsettle(state: State, slot: Int, group: Int, amount: Int) -> None:
    """Take one row out of what is known for ever: its count and its sums."""
    if state.program[T_GROUPS, group, G_SETTLED] < 0:
        return
    record = record_of(state, slot, group)
    if record != NONE:
        state.arena[record + S_COUNT] -= 1
        add_total(state.arena, record + S_LOW, -amount)
        add_square(state.arena, record + S_SQUARES, amount, -1)


@inner
def _note(state: State, table: Int, name: Int, at: Int) -> None:
    """The first time with a text, in the table kept at `table`."""
    arena = state.arena
    if arena[table] != NONE:
        place = find(state, arena[table], arena[table + 2], name)
        if arena[place] != 0:
            arena[place + 1] = min(arena[place + 1], at)
            return
    put(state, table, name, at)
    use(state, name)


@inner
def _visit(state: State, record: Int, row: Int, stride: Int) -> None:
    arena, table = state.arena, record + S_CELLS
    at, latitude, longitude = arena[row], arena[row + 3 * stride], arena[row + 4 * stride]
    if double(latitude) != double(latitude):
        return
    known = (
        arena[record + S_PLACE_AT],
        double(arena[record + S_LATITUDE]),
        double(arena[record + S_LONGITUDE]),
    )
    if known[0] == NONE or (at, double(latitude), double(longitude)) > known:
        arena[record + S_PLACE_AT] = at
        arena[record + S_LATITUDE] = latitude
        arena[record + S_LONGITUDE] = longitude
    cell = cell_at(latitude, longitude)
    if arena[table] != NONE:
        place = find(state, arena[table], arena[table + 2], cell)
        if arena[place] != 0:
            arena[place + 1] += 1
            return
    put(state, table, cell, 1)


@inner
def drop_records(state: State, slot: Int) -> None:
    """Give back all that is kept of a key besides rows."""
    extra, arena, program = state.slots[slot, EXTRA], state.arena, state.program
    if extra == NONE:
        return
    home = state.slots[slot, HOME]
    if arena[extra + TOLD] != NONE:
        give_block(state, TOLD_BLOCK, arena[extra + TOLD_LEVEL], arena[extra + TOLD])
    for group in range(program[T_HOMES, home, H_GROUPS], program[T_HOMES, home, H_GROUPS_END]):
        if program[T_GROUPS, group, G_SETTLED] >= 0:
            record = record_of(state, slot, group)
            if record != NONE:
                _drop_tables(state, group, record)
                give_block(state, record_kind(state, group), 0, record)
    give_block(state, rows_kind(home) + 1, 0, extra)
    state.slots[slot, EXTRA] = NONE


@inner
def _drop_tables(state: State, group: Int, record: Int) -> None:
    arena, program = state.arena, state.program
    pairs = program[T_GROUPS, group, G_PAIRS_END] - program[T_GROUPS, group, G_PAIRS]
    for n in range(pairs + 1):
        table = record + S_CELLS + 3 * n
        if arena[table] != NONE:
            level = arena[table + 2]
            if n > 0:
                for i in range(1 << level):
                    name = arena[arena[table] + 2 * i]
                    if name != 0:
                        drop(state, name - 1)
            give_block(state, TABLE_BLOCK, level, arena[table])
