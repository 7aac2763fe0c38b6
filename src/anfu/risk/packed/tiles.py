"""The tiles of one ring, in the order of time: blocks of words.

A ring is the tiles of one window of a key and the figures of the stretch that was asked for last,
its whole. A tile is made of the sums that a walk adds up (`measure`), its number, and its sketches.
"""

from __future__ import annotations

from anfu.risk.packed.layout import (
    A_TILE,
    K_COLUMNS,
    K_COLUMNS_END,
    NONE,
    SKETCH_BLOCK,
    T_ALL,
    T_RINGS,
    TILE_BLOCK,
    Int,
    State,
    Words,
)
from anfu.risk.packed.machine import inner
from anfu.risk.packed.measure import (
    HIGH,
    LEAST,
    LOW,
    MOST,
    NEWEST,
    NEWEST_AT,
    OLDEST,
    OLDEST_AT,
    SQUARES,
    N,
)
from anfu.risk.packed.memory import give_block, take_block
from anfu.risk.packed.settled import add_square, add_total
from anfu.risk.packed.sketches import make_sketch

# A tile; as many sketches as any window of the catalogue has.
NUMBER, TILE_SKETCHES = 13, 14
# A ring: its tiles, of which numbers the whole is made (NONE: to be made), and the whole.
RING_TILES, RING_LEVEL, RING_COUNT, RING_FROM, RING_TO, RING_WHOLE = range(6)


@inner
def place_in(state: State, head: Int, number: Int) -> Int:
    """How many tiles are of smaller numbers; the newest is tried first."""
    arena, wide, tiles = (
        state.arena,
        state.program[T_ALL, 0, A_TILE],
        state.arena[head + RING_TILES],
    )
    low, high = 0, arena[head + RING_COUNT]
    if high != 0 and arena[tiles + (high - 1) * wide + NUMBER] < number:
        return high
    if high != 0 and arena[tiles + (high - 1) * wide + NUMBER] == number:
        return high - 1
    while low < high:
        middle = (low + high) >> 1
        if arena[tiles + middle * wide + NUMBER] < number:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def tile_at(state: State, head: Int, place: Int) -> Int:
    """NONE beyond the last."""
    if place >= state.arena[head + RING_COUNT]:
        return NONE
    return state.arena[head + RING_TILES] + place * state.program[T_ALL, 0, A_TILE]


@inner
def insert_tile(state: State, head: Int, ring: Int, place: Int, number: Int) -> Int:
    """A tile of that number, the `place`-th."""
    arena, wide = state.arena, state.program[T_ALL, 0, A_TILE]
    count, level = arena[head + RING_COUNT], arena[head + RING_LEVEL]
    if count == 1 << level:
        old = arena[head + RING_TILES]
        new = take_block(state, TILE_BLOCK, wide, level + 1)
        for i in range(count * wide):
            arena[new + i] = arena[old + i]
        give_block(state, TILE_BLOCK, level, old)
        arena[head + RING_TILES] = new
        arena[head + RING_LEVEL] = level + 1
    tile = arena[head + RING_TILES] + place * wide
    for i in range(arena[head + RING_TILES] + count * wide - 1, tile - 1, -1):
        arena[i + wide] = arena[i]
    open_tile(state, tile, ring)
    arena[tile + NUMBER] = number
    arena[head + RING_COUNT] = count + 1
    return tile


@inner
def open_tile(state: State, tile: Int, ring: Int) -> None:
    """Nothing is in it; with its sketches."""
    clear_tile(state.arena, tile)
    first = state.program[T_RINGS, ring, K_COLUMNS]
    for c in range(first, state.program[T_RINGS, ring, K_COLUMNS_END]):
        state.arena[tile + TILE_SKETCHES + c - first] = make_sketch(state)


@inner
def close_tile(state: State, tile: Int, ring: Int) -> None:
    first = state.program[T_RINGS, ring, K_COLUMNS]
    for c in range(first, state.program[T_RINGS, ring, K_COLUMNS_END]):
        give_block(state, SKETCH_BLOCK, 0, state.arena[tile + TILE_SKETCHES + c - first])


@inner
def add_to_tile(arena: Words, tile: Int, at: Int, amount: Int) -> None:
    arena[tile + N] += 1
    add_total(arena, tile + LOW, amount)
    add_square(arena, tile + SQUARES, amount, 1)
    arena[tile + MOST] = max(arena[tile + MOST], amount)
    if arena[tile + LEAST] == NONE or amount < arena[tile + LEAST]:
        arena[tile + LEAST] = amount
    if arena[tile + OLDEST_AT] == NONE or at < arena[tile + OLDEST_AT]:
        arena[tile + OLDEST_AT] = at
        arena[tile + OLDEST] = amount
    if at >= arena[tile + NEWEST_AT]:
        arena[tile + NEWEST_AT] = at
        arena[tile + NEWEST] = amount


@inner
def merge_tile(arena: Words, whole: Int, tile: Int) -> None:
    """Digits of squares are left larger than digits are."""
    arena[whole + N] += arena[tile + N]
    arena[whole + HIGH] += arena[tile + HIGH]
    add_total(arena, whole + LOW, arena[tile + LOW])
    for i in range(SQUARES, SQUARES + 4):
        arena[whole + i] += arena[tile + i]
    arena[whole + MOST] = max(arena[whole + MOST], arena[tile + MOST])
    if arena[whole + LEAST] == NONE or arena[tile + LEAST] < arena[whole + LEAST]:
        arena[whole + LEAST] = arena[tile + LEAST]
    if arena[whole + OLDEST_AT] == NONE:
        arena[whole + OLDEST_AT] = arena[tile + OLDEST_AT]
        arena[whole + OLDEST] = arena[tile + OLDEST]
    arena[whole + NEWEST_AT] = arena[tile + NEWEST_AT]
    arena[whole + NEWEST] = arena[tile + NEWEST]


@inner
def clear_tile(arena: Words, tile: Int) -> None:
    for i in range(NUMBER):
        arena[tile + i] = 0
    for i in (MOST, LEAST, OLDEST_AT, NEWEST_AT):
        arena[tile + i] = NONE
