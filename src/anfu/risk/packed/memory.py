"""The memory of the kernel: blocks of the arena, slots of keys, and how often texts are used.

Blocks come in kinds (the rows of one home, records, tables) and levels: a block of level k has
2^k times the words of its kind. A block given back is the next one given out of its kind and level;
so is a slot. Tables are open addressing over ids plus one, at most half full.
"""

from __future__ import annotations

from anfu.risk.packed.layout import (
    BLOCK,
    COUNT,
    EXTRA,
    FREE_SLOT,
    H_EXTRA,
    H_WIDTH,
    HEADS,
    HOME,
    HOMES_FROM,
    ID,
    LAST,
    LEVEL,
    LEVELS,
    NEXT,
    NONE,
    REFS,
    SLOT_OF,
    SLOTS,
    STAMP,
    T_HOMES,
    TABLE_BLOCK,
    TILED,
    TOP,
    UNUSED_ID,
    USED,
    Int,
    State,
)
from anfu.risk.packed.machine import inner


@inner
def take_block(state: State, kind: Int, words: Int, level: Int) -> Int:
    """A block of `words << level`, with whatever was in it."""
    head = HEADS + kind * LEVELS + level
    block = state.meta[head]
    if block != NONE:
        state.meta[head] = state.arena[block]
        return block
    block = state.meta[TOP]
    state.meta[TOP] = block + (words << level)
    return block


@inner
def give_block(state: State, kind: Int, level: Int, block: Int) -> None:
    head = HEADS + kind * LEVELS + level
    state.arena[block] = state.meta[head]
    state.meta[head] = block


@inner
def rows_kind(home: Int) -> Int:
    return HOMES_FROM + 2 * home


@inner
def use(state: State, name: Int) -> None:
    """A text is in one place more."""
    state.ids[name, REFS] += 1


@inner
def drop(state: State, name: Int) -> None:
    """A text is in one place less; what is in none is put in a list."""
    state.ids[name, REFS] -= 1
    if state.ids[name, REFS] == 0 and state.ids[name, NEXT] == USED:
        state.ids[name, NEXT] = state.meta[UNUSED_ID]
        state.meta[UNUSED_ID] = name


@inner
def take_slot(state: State, home: Int, name: Int) -> Int:
    """A slot without rows for a key that has none."""
    slot = state.meta[FREE_SLOT]
    if slot >= 0:
        state.meta[FREE_SLOT] = state.slots[slot, BLOCK]
    else:
        slot = state.meta[SLOTS]
        state.meta[SLOTS] = slot + 1
    width = state.program[T_HOMES, home, H_WIDTH]
    state.slots[slot, BLOCK] = take_block(state, rows_kind(home), width, 0)
    state.slots[slot, COUNT] = 0
    state.slots[slot, LEVEL] = 0
    state.slots[slot, HOME] = home
    state.slots[slot, ID] = name
    state.slots[slot, LAST] = NONE
    state.slots[slot, EXTRA] = NONE
    state.slots[slot, TILED] = 0
    state.ids[name, SLOT_OF + home] = slot
    use(state, name)
    return slot


@inner
def give_slot(state: State, slot: Int) -> None:
    """Of a slot whose rows and records are gone."""
    home = state.slots[slot, HOME]
    name = state.slots[slot, ID]
    give_block(state, rows_kind(home), state.slots[slot, LEVEL], state.slots[slot, BLOCK])
    state.ids[name, SLOT_OF + home] = -1
    drop(state, name)
    state.slots[slot, HOME] = NONE
    state.slots[slot, BLOCK] = state.meta[FREE_SLOT]
    state.meta[FREE_SLOT] = slot


@inner
def extra_of(state: State, slot: Int) -> Int:
    """What is kept of the key besides rows, made if there is nothing yet."""
    extra = state.slots[slot, EXTRA]
    if extra == NONE:
        home = state.slots[slot, HOME]
        words = state.program[T_HOMES, home, H_EXTRA]
        extra = take_block(state, rows_kind(home) + 1, words, 0)
        for i in range(words):
            state.arena[extra + i] = NONE
        state.slots[slot, EXTRA] = extra
    return extra


@inner
def find(state: State, block: Int, level: Int, key: Int) -> Int:
    """Where in a table a key is, or would be: two words, the key plus one and its value."""
    mask = (1 << level) - 1
    place = (key * 2_654_435_761 >> 12) & mask
    while state.arena[block + 2 * place] not in (0, key + 1):
        place = (place + 1) & mask
    return block + 2 * place


@inner
def make_table(state: State, level: Int) -> Int:
    block = take_block(state, TABLE_BLOCK, 2, level)
    for i in range(2 << level):
        state.arena[block + i] = 0
    return block


@inner
def put(state: State, table: Int, key: Int, value: Int) -> None:
    """A key that is not in the table yet; `table` is where its block, count and level are kept."""
    arena = state.arena
    if arena[table] == NONE:
        arena[table] = make_table(state, 2)
        arena[table + 1] = 0
        arena[table + 2] = 2
    level = arena[table + 2]
    if 2 * (arena[table + 1] + 1) > 1 << level:
        old = arena[table]
        new = make_table(state, level + 1)
        for i in range(1 << level):
            known = arena[old + 2 * i]
            if known != 0:
                place = find(state, new, level + 1, known - 1)
                arena[place] = known
                arena[place + 1] = arena[old + 2 * i + 1]
        give_block(state, TABLE_BLOCK, level, old)
        arena[table] = new
        level += 1
        arena[table + 2] = level
    place = find(state, arena[table], level, key)
    arena[place] = key + 1
    arena[place + 1] = value
    arena[table + 1] += 1


@inner
def capacity(state: State, slot: Int) -> Int:
    return 1 << state.slots[slot, LEVEL]


@inner
def new_stamp(state: State) -> Int:
    """Marks the entries of one walk in the tables of texts and cells; all others are then empty."""
    stamp = state.meta[STAMP] + 1
    if stamp == 1 << 31:
        state.seen[:] = 0
        state.cells[:] = 0
        stamp = 1
    state.meta[STAMP] = stamp
    return stamp
