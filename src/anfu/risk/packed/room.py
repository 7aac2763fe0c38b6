"""How much memory the next thing done to a key may take: the arena grows before, never within."""

from __future__ import annotations

from anfu.risk.packed.layout import (
    A_READINGS,
    A_TILE,
    COUNT,
    EXTRA,
    G_PAIRS,
    G_PAIRS_END,
    G_RINGS,
    G_RINGS_END,
    G_SETTLED,
    G_WIDTH,
    H_EXTRA,
    H_GROUPS,
    H_GROUPS_END,
    H_KEY,
    H_WIDTH,
    HOME,
    K_COLUMNS,
    K_COLUMNS_END,
    K_WIDTH,
    LEVEL,
    LIMIT,
    NONE,
    R_HOME,
    R_KEY,
    R_OWN,
    S_CELLS,
    SLOT_OF,
    SLOTS,
    T_ALL,
    T_GROUPS,
    T_HOMES,
    T_READINGS,
    T_RINGS,
    TILED,
    TOLD_LEVEL,
    TOLD_WIDTH,
    TOP,
    WANTED,
    Int,
    State,
    Words,
)
from anfu.risk.packed.machine import inner
from anfu.risk.packed.memory import capacity
from anfu.risk.packed.rings import reach_of, ring_of
from anfu.risk.packed.settled import record_of
from anfu.risk.packed.sketches import SKETCH_WIDTH
from anfu.risk.packed.tiles import RING_LEVEL, RING_WHOLE


@inner
def has_room(state: State, words: Int) -> bool:
    """Whether there is memory for so many words and a key in each home; says so if not."""
    slots = state.meta[SLOTS] + state.ids.shape[1] - SLOT_OF <= state.slots.shape[0]
    state.meta[WANTED] = words
    return bool(slots and state.meta[TOP] + words <= state.arena.shape[0])


@inner
def for_event(state: State, given: Words) -> Int:
    """An upper bound of the words that an event takes, to learn and to read."""
    program, words = state.program, 0
    for home in range(state.ids.shape[1] - SLOT_OF):
        name = given[program[T_HOMES, home, H_KEY]]
        slot = -1 if name < 0 else state.ids[name, SLOT_OF + home]
        if slot < 0:
            words += program[T_HOMES, home, H_WIDTH]
        elif state.slots[slot, COUNT] == capacity(state, slot):
            words += for_key(state, slot)
        else:
            words += _for_rings(state, slot)
    for reading in range(program[T_ALL, 0, A_READINGS]):
        name = given[program[T_READINGS, reading, R_KEY]]
        if program[T_READINGS, reading, R_OWN] == 0 and name >= 0:
            slot = state.ids[name, SLOT_OF + program[T_READINGS, reading, R_HOME]]
            words += 0 if slot < 0 else _for_rings(state, slot)
    return words


@inner
def for_key(state: State, slot: Int) -> Int:
    """An upper bound of what anything done to a known key takes: its rows in a block of twice the
    size, words told of it too, all its rows settled, and its rings."""
    program, home = state.program, state.slots[slot, HOME]
    rows, extra = state.slots[slot, COUNT], state.slots[slot, EXTRA]
    words = program[T_HOMES, home, H_WIDTH] << (state.slots[slot, LEVEL] + 1)
    words += program[T_HOMES, home, H_EXTRA]
    told = 0 if extra == NONE else max(0, state.arena[extra + TOLD_LEVEL])
    words += TOLD_WIDTH << (told + 1)
    for group in range(program[T_HOMES, home, H_GROUPS], program[T_HOMES, home, H_GROUPS_END]):
        if program[T_GROUPS, group, G_SETTLED] >= 0:
            words += _for_group(state, slot, group, rows)
    return words + _for_rings(state, slot)


@inner
def _for_group(state: State, slot: Int, group: Int, rows: Int) -> Int:
    """A table that grows to n entries takes tables of at most 16 n words on its way."""
    program, record = state.program, record_of(state, slot, group)
    words = program[T_GROUPS, group, G_WIDTH]
    pairs = program[T_GROUPS, group, G_PAIRS_END] - program[T_GROUPS, group, G_PAIRS]
    for n in range(pairs + 1):
        known = 0
        if record != NONE and state.arena[record + S_CELLS + 3 * n] != NONE:
            known = state.arena[record + S_CELLS + 3 * n + 1]
        words += 16 * (known + rows + 4)
    return words


@inner
def _for_rings(state: State, slot: Int) -> Int:
    """Of each ring one tile more, or all: a block that grows to n tiles takes at most 4 n on its
    way."""
    program, rows, words = state.program, state.slots[slot, COUNT] + 1, 0
    if rows <= LIMIT and state.slots[slot, TILED] == 0:
        return 0
    home, wide = state.slots[slot, HOME], program[T_ALL, 0, A_TILE]
    first, end = program[T_HOMES, home, H_GROUPS], program[T_HOMES, home, H_GROUPS_END] - 1
    for ring in range(program[T_GROUPS, first, G_RINGS], program[T_GROUPS, end, G_RINGS_END]):
        head = ring_of(state, slot, ring)
        sketches = program[T_RINGS, ring, K_COLUMNS_END] - program[T_RINGS, ring, K_COLUMNS]
        if head != NONE:
            words += (wide << (state.arena[head + RING_LEVEL] + 1)) + sketches * SKETCH_WIDTH
        elif rows > LIMIT:
            tiles = min(rows, reach_of(state, ring) // program[T_RINGS, ring, K_WIDTH] + 2)
            words += (4 * tiles + 1) * wide + RING_WHOLE + (tiles + 1) * sketches * SKETCH_WIDTH
    if state.slots[slot, EXTRA] == NONE:
        words += program[T_HOMES, home, H_EXTRA]
    return words
