"""Rows of a key: learned in the order of time, forgotten, and let go when nothing reaches them.

A row belongs to the groups of its bits. It leaves a group when it is older than the windows of the
group reach, or one too many; it goes when it has left all of them.
"""

from __future__ import annotations

from anfu.risk.packed.layout import (
    AMOUNT,
    AT,
    BITS,
    BLOCK,
    C_GIVEN,
    C_ROW,
    COUNT,
    EXTRA,
    G_AMOUNT,
    G_AT,
    G_BITS,
    G_KEEP,
    G_LATITUDE,
    G_LONGITUDE,
    G_RINGS,
    G_RINGS_END,
    G_SETTLED,
    G_TRIMMED,
    H_COLUMNS,
    H_COLUMNS_END,
    H_GROUPS,
    H_GROUPS_END,
    H_KEY,
    H_LIFELONG,
    H_PLACED,
    H_RINGS,
    H_WIDTH,
    HOME,
    KEPT,
    LAST,
    LATITUDE,
    LEVEL,
    LIMIT,
    LONGITUDE,
    NONE,
    SLOT_OF,
    T_COLUMNS,
    T_GROUPS,
    T_HOMES,
    TOLD_NEWEST,
    Int,
    State,
    Words,
)
from anfu.risk.packed.machine import inner
from anfu.risk.packed.memory import (
    capacity,
    drop,
    extra_of,
    give_block,
    give_slot,
    rows_kind,
    take_block,
    take_slot,
    use,
)
from anfu.risk.packed.rings import drop_rings, drop_tiles, make_ring, reach_of, ring_of
from anfu.risk.packed.settled import drop_records, settle

_KEPT_ROWS = LIMIT + LIMIT // 2


@inner
def place_of(state: State, slot: Int, at: Int) -> Int:
    """How many rows happened up to `at`; the newest are tried first."""
    block, high = state.slots[slot, BLOCK], state.slots[slot, COUNT]
    if high == 0 or state.arena[block + high - 1] <= at:
        return high
    low = 0
    while low < high:
        middle = (low + high) >> 1
        if state.arena[block + middle] <= at:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def bits_for(state: State, given: Words, home: Int) -> Int:
    """The groups of a home that an event belongs to; none without a key."""
    return given[G_BITS + home] if given[state.program[T_HOMES, home, H_KEY]] >= 0 else 0


@inner
def learn(state: State, given: Words, home: Int, tidy: Int) -> tuple[Int, Int]:
    """The slot of the event's key and the place of its row there."""
    program, arena, slots = state.program, state.arena, state.slots
    name = given[program[T_HOMES, home, H_KEY]]
    slot = state.ids[name, SLOT_OF + home]
    if slot < 0:
        slot = take_slot(state, home, name)
    if slots[slot, COUNT] == capacity(state, slot):
        _make_room(state, slot, tidy)
    at, block, count = given[G_AT], slots[slot, BLOCK], slots[slot, COUNT]
    stride, place = capacity(state, slot), place_of(state, slot, at)
    if place < count:
        for column in range(program[T_HOMES, home, H_WIDTH]):
            first = block + column * stride
            for i in range(count, place, -1):
                arena[first + i] = arena[first + i - 1]
    row = block + place
    arena[row + AT * stride] = at
    arena[row + AMOUNT * stride] = given[G_AMOUNT]
    arena[row + BITS * stride] = given[G_BITS + home]
    if program[T_HOMES, home, H_PLACED] != 0:
        arena[row + LATITUDE * stride] = given[G_LATITUDE]
        arena[row + LONGITUDE * stride] = given[G_LONGITUDE]
    for c in range(program[T_HOMES, home, H_COLUMNS], program[T_HOMES, home, H_COLUMNS_END]):
        text = given[program[T_COLUMNS, c, C_GIVEN]]
        arena[row + program[T_COLUMNS, c, C_ROW] * stride] = text
        if text >= 0:
            use(state, text)
    slots[slot, COUNT] = count + 1
    slots[slot, LAST] = max(slots[slot, LAST], at)
    return slot, place


@inner
def find_row(state: State, given: Words, home: Int, slot: Int) -> Int:
    """The place of a row like this one, in the most of the groups it was learned in; -1 without."""
    bits, stride = given[G_BITS + home], capacity(state, slot)
    at, block = given[G_AT], state.slots[slot, BLOCK]
    best, found = 0, -1
    i = place_of(state, slot, at - 1)
    while i < state.slots[slot, COUNT] and state.arena[block + i] == at:
        held = state.arena[block + i + BITS * stride]
        if held & ~bits == 0 and held > best and _alike(state, given, home, block + i, stride):
            best, found = held, i
        i += 1
    return found


@inner
def _alike(state: State, given: Words, home: Int, row: Int, stride: Int) -> bool:
    program, arena = state.program, state.arena
    if arena[row + AMOUNT * stride] != given[G_AMOUNT]:
        return False
    if program[T_HOMES, home, H_PLACED] != 0 and (
        arena[row + LATITUDE * stride] != given[G_LATITUDE]
        or arena[row + LONGITUDE * stride] != given[G_LONGITUDE]
    ):
        return False
    for c in range(program[T_HOMES, home, H_COLUMNS], program[T_HOMES, home, H_COLUMNS_END]):
        held = arena[row + program[T_COLUMNS, c, C_ROW] * stride]
        if held != given[program[T_COLUMNS, c, C_GIVEN]]:
            return False
    return True


@inner
def take_row(state: State, slot: Int, place: Int) -> None:
    """Take one row out."""
    home, count = state.slots[slot, HOME], state.slots[slot, COUNT]
    block, stride, arena = state.slots[slot, BLOCK], capacity(state, slot), state.arena
    _drop_texts(state, home, block + place, stride)
    for column in range(state.program[T_HOMES, home, H_WIDTH]):
        first = block + column * stride
        for i in range(place, count - 1):
            arena[first + i] = arena[first + i + 1]
    state.slots[slot, COUNT] = count - 1


@inner
def give_back(state: State, slot: Int) -> None:
    """Drop a key with all that is kept of it."""
    block, stride = state.slots[slot, BLOCK], capacity(state, slot)
    for i in range(state.slots[slot, COUNT]):
        _drop_texts(state, state.slots[slot, HOME], block + i, stride)
    drop_rings(state, slot)
    drop_records(state, slot)
    give_slot(state, slot)


@inner
def expire(state: State, slot: Int, at: Int, lifelong: Int) -> None:
    """Let rows leave the groups whose windows cannot reach them from `at` or later; of lifelong
    groups only if `lifelong`."""
    program, arena, home = state.program, state.arena, state.slots[slot, HOME]
    first, end = program[T_HOMES, home, H_GROUPS], program[T_HOMES, home, H_GROUPS_END]
    block, stride = state.slots[slot, BLOCK], capacity(state, slot)
    ever = program[T_HOMES, home, H_LIFELONG]
    for group in range(first, end):
        bit, old = 1 << (group - first), at - program[T_GROUPS, group, G_KEEP] - KEPT
        if ever & bit != 0 and not lifelong:
            continue
        i = 0
        while i < state.slots[slot, COUNT] and arena[block + i] <= old:
            if arena[block + i + BITS * stride] & bit != 0:
                _leave(state, slot, group, bit, block + i, stride)
            i += 1
    _close_up(state, slot)
    drop_tiles(state, slot, at)


@inner
def count_bit(state: State, slot: Int, bit: Int, low: Int) -> Int:
    """How many rows from the place `low` on are of a group."""
    first = state.slots[slot, BLOCK] + BITS * capacity(state, slot)
    return count_in(state.arena[first + low : first + state.slots[slot, COUNT]], bit)


@inner
def count_in(bits: Words, bit: Int) -> Int:
    """How many of these are of a group."""
    count = 0
    for i in range(len(bits)):
        count += (bits[i] & bit) != 0
    return count


@inner
def _leave(state: State, slot: Int, group: Int, bit: Int, row: Int, stride: Int) -> None:
    if state.program[T_GROUPS, group, G_SETTLED] >= 0:
        settle(state, slot, group, row, stride)
    state.arena[row + BITS * stride] &= ~bit


@inner
def _close_up(state: State, slot: Int) -> None:
    """Take out the rows that are of no group any more."""
    block, stride, arena = state.slots[slot, BLOCK], capacity(state, slot), state.arena
    home, kept = state.slots[slot, HOME], 0
    width = state.program[T_HOMES, home, H_WIDTH]
    for i in range(state.slots[slot, COUNT]):
        if arena[block + i + BITS * stride] == 0:
            _drop_texts(state, home, block + i, stride)
            continue
        if kept < i:
            for column in range(width):
                arena[block + kept + column * stride] = arena[block + i + column * stride]
        kept += 1
    state.slots[slot, COUNT] = kept


@inner
def _drop_texts(state: State, home: Int, row: Int, stride: Int) -> None:
    program = state.program
    for c in range(program[T_HOMES, home, H_COLUMNS], program[T_HOMES, home, H_COLUMNS_END]):
        text = state.arena[row + program[T_COLUMNS, c, C_ROW] * stride]
        if text >= 0:
            drop(state, text)


@inner
def _make_room(state: State, slot: Int, tidy: Int) -> None:
    """For one more row: let old ones go, or move to a block of twice the size."""
    count, size = state.slots[slot, COUNT], capacity(state, slot)
    if tidy and count > 2:
        expire(state, slot, state.arena[state.slots[slot, BLOCK] + count - 1], 1)
    if state.slots[slot, COUNT] > size - max(1, size >> 2):
        move(state, slot, state.slots[slot, LEVEL] + 1)


@inner
def move(state: State, slot: Int, level: Int) -> None:
    """Into a block of another level."""
    home, old = state.slots[slot, HOME], state.slots[slot, BLOCK]
    stride, width = capacity(state, slot), state.program[T_HOMES, home, H_WIDTH]
    new = take_block(state, rows_kind(home), width, level)
    for column in range(width):
        for i in range(state.slots[slot, COUNT]):
            state.arena[new + (column << level) + i] = state.arena[old + column * stride + i]
    give_block(state, rows_kind(home), state.slots[slot, LEVEL], old)
    state.slots[slot, BLOCK] = new
    state.slots[slot, LEVEL] = level


@inner
def is_empty(state: State, slot: Int) -> bool:
    """Whether nothing at all is known of a key."""
    extra = state.slots[slot, EXTRA]
    if state.slots[slot, COUNT] != 0 or extra == NONE:
        return bool(state.slots[slot, COUNT] == 0)
    for i in range(TOLD_NEWEST, state.program[T_HOMES, state.slots[slot, HOME], H_RINGS]):
        if state.arena[extra + i] != NONE:
            return False
    return True


@inner
def tidy(state: State, slot: Int, group: Int) -> None:
    """Of a group with too many rows keep the newest; the others stay in the tiles of the windows
    that reach them."""
    program, arena, newest = state.program, state.arena, state.slots[slot, LAST]
    bit = 1 << (group - program[T_HOMES, state.slots[slot, HOME], H_GROUPS])
    block, stride, end = state.slots[slot, BLOCK], capacity(state, slot), _surplus(state, slot, bit)
    gone = arena[block + end - 1]
    for ring in range(program[T_GROUPS, group, G_RINGS], program[T_GROUPS, group, G_RINGS_END]):
        unmade = ring_of(state, slot, ring) == NONE
        if unmade and gone > newest - reach_of(state, ring):
            make_ring(state, slot, ring, bit)
    drop_tiles(state, slot, newest)
    for i in range(end):
        if arena[block + i + BITS * stride] & bit != 0:
            _leave(state, slot, group, bit, block + i, stride)
    _close_up(state, slot)
    trimmed = extra_of(state, slot) + program[T_GROUPS, group, G_TRIMMED]
    arena[trimmed] = max(arena[trimmed], gone)


@inner
def _surplus(state: State, slot: Int, bit: Int) -> Int:
    """The place after the rows that are too many."""
    held = state.slots[slot, BLOCK] + BITS * capacity(state, slot)
    surplus, i = count_bit(state, slot, bit, 0) - _KEPT_ROWS, 0
    while surplus > 0:
        surplus -= state.arena[held + i] & bit != 0
        i += 1
    return i


@inner
def is_hot(state: State, slot: Int, bit: Int) -> bool:
    """Whether a group has too many rows."""
    most = 2 * LIMIT
    return bool(state.slots[slot, COUNT] > most and count_bit(state, slot, bit, 0) > most)
