"""How much memory the next thing done to a key may take: the arena grows before, never within."""

from __future__ import annotations

from anfu.risk.packed.layout import (
    COUNT,
    EXTRA,
    G_PAIRS,
    G_PAIRS_END,
    G_SETTLED,
    G_WIDTH,
    H_EXTRA,
    H_GROUPS,
    H_GROUPS_END,
    H_KEY,
    H_WIDTH,
    HOME,
    LEVEL,
    NONE,
    S_CELLS,
    SLOT_OF,
    SLOTS,
    T_GROUPS,
    T_HOMES,
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
from anfu.risk.packed.rows import bits_for
from anfu.risk.packed.settled import record_of


@inner
def has_room(state: State, words: Int) -> bool:
    """Whether there is memory for so many words and a key in each home; says so if not."""
    slots = state.meta[SLOTS] + state.ids.shape[1] - SLOT_OF <= state.slots.shape[0]
    state.meta[WANTED] = words
    return bool(slots and state.meta[TOP] + words <= state.arena.shape[0])


@inner
def for_event(state: State, given: Words) -> Int:
    """An upper bound of the words that learning an event takes."""
    words = 0
    for home in range(state.ids.shape[1] - SLOT_OF):
        if bits_for(state, given, home) != 0:
            slot = state.ids[given[state.program[T_HOMES, home, H_KEY]], SLOT_OF + home]
            if slot < 0:
                words += state.program[T_HOMES, home, H_WIDTH]
            elif state.slots[slot, COUNT] == capacity(state, slot):
                words += for_key(state, slot)
    return words


@inner
def for_key(state: State, slot: Int) -> Int:
    """An upper bound of what anything done to a known key takes: its rows in a block of twice the
    size, words told of it too, and all its rows settled."""
    program, home = state.program, state.slots[slot, HOME]
    rows, extra = state.slots[slot, COUNT], state.slots[slot, EXTRA]
    words = program[T_HOMES, home, H_WIDTH] << (state.slots[slot, LEVEL] + 1)
    words += program[T_HOMES, home, H_EXTRA]
    told = 0 if extra == NONE else max(0, state.arena[extra + TOLD_LEVEL])
    words += TOLD_WIDTH << (told + 1)
    for group in range(program[T_HOMES, home, H_GROUPS], program[T_HOMES, home, H_GROUPS_END]):
        if program[T_GROUPS, group, G_SETTLED] >= 0:
            words += _for_group(state, slot, group, rows)
    return words


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
