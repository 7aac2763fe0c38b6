"""Rings of busy keys: what `risk.tiles` says of windows with too many rows, inside the kernel."""

from __future__ import annotations

from anfu.risk.packed.layout import (
    A_TILE,
    AT_SLOT,
    BITS,
    BLOCK,
    C_ROW,
    COUNT,
    EXTRA,
    G_RINGS,
    G_RINGS_END,
    G_TRIMMED,
    H_GROUPS,
    H_GROUPS_END,
    HOME,
    K_COLUMNS,
    K_COLUMNS_END,
    K_DELAY,
    K_PLACE,
    K_WIDTH,
    K_WINDOW,
    KEPT,
    NONE,
    P_COLUMNS,
    P_PAIRS,
    RING_BLOCK,
    T_ALL,
    T_COLUMNS,
    T_GROUPS,
    T_HOMES,
    T_PASSES,
    T_RINGS,
    TILE_BLOCK,
    TILED,
    Desk,
    Int,
    State,
)
from anfu.risk.packed.machine import inner
from anfu.risk.packed.measure import DIFFERENT, LOW, NEWEST, SQUARES, N
from anfu.risk.packed.memory import capacity, extra_of, give_block, take_block
from anfu.risk.packed.settled import add_square, add_total
from anfu.risk.packed.sketches import add_text, clear_sketch, count_again, estimate, join
from anfu.risk.packed.tiles import (
    NUMBER,
    RING_COUNT,
    RING_FROM,
    RING_LEVEL,
    RING_TILES,
    RING_TO,
    RING_WHOLE,
    TILE_SKETCHES,
    add_to_tile,
    clear_tile,
    close_tile,
    insert_tile,
    merge_tile,
    open_tile,
    place_in,
    tile_at,
)

_HALF = (1 << 27) - 1


@inner
def ring_of(state: State, slot: Int, ring: Int) -> Int:
    """NONE when it was not made."""
    extra = state.slots[slot, EXTRA]
    return NONE if extra == NONE else state.arena[extra + state.program[T_RINGS, ring, K_PLACE]]


@inner
def trimmed_of(state: State, slot: Int, group: Int) -> Int:
    """When the newest row was made that only tiles know; NONE without."""
    extra = state.slots[slot, EXTRA]
    return NONE if extra == NONE else state.arena[extra + state.program[T_GROUPS, group, G_TRIMMED]]


@inner
def reach_of(state: State, ring: Int) -> Int:
    """How much older than the newest row of a key a row of a tile may be that can be read."""
    program = state.program
    window, delay = program[T_RINGS, ring, K_WINDOW], program[T_RINGS, ring, K_DELAY]
    return window + delay + program[T_RINGS, ring, K_WIDTH] + KEPT


@inner
def make_ring(state: State, slot: Int, ring: Int, bit: Int) -> Int:
    """Of the rows of a group that are there."""
    arena, width = state.arena, state.program[T_ALL, 0, A_TILE]
    head = take_block(state, RING_BLOCK, RING_WHOLE + width, 0)
    arena[head + RING_TILES] = take_block(state, TILE_BLOCK, width, 0)
    arena[head + RING_LEVEL] = 0
    arena[head + RING_COUNT] = 0
    arena[head + RING_FROM] = NONE
    open_tile(state, head + RING_WHOLE, ring)
    block, stride, count = state.slots[slot, BLOCK], capacity(state, slot), state.slots[slot, COUNT]
    seen = arena[block + count - 1] - reach_of(state, ring)
    for i in range(count):
        if arena[block + i] > seen and arena[block + i + BITS * stride] & bit != 0:
            _add(state, head, ring, block + i, stride)
    arena[extra_of(state, slot) + state.program[T_RINGS, ring, K_PLACE]] = head
    state.slots[slot, TILED] |= bit
    return head


@inner
def add_to_rings(state: State, slot: Int, bits: Int, place: Int) -> None:
    """Add a row of a key to the rings of the groups of these bits."""
    program, home = state.program, state.slots[slot, HOME]
    row, stride = state.slots[slot, BLOCK] + place, capacity(state, slot)
    first = program[T_HOMES, home, H_GROUPS]
    for group in range(first, program[T_HOMES, home, H_GROUPS_END]):
        if bits & 1 << (group - first) != 0:
            for ring in range(program[T_GROUPS, group, G_RINGS],
                              program[T_GROUPS, group, G_RINGS_END]):  # fmt: skip
                head = ring_of(state, slot, ring)
                if head != NONE:
                    _add(state, head, ring, row, stride)


@inner
def take_from_rings(state: State, slot: Int, bits: Int, at: Int, amount: Int) -> None:
    """The opposite, as far as there is one."""
    program, arena, home = state.program, state.arena, state.slots[slot, HOME]
    first = program[T_HOMES, home, H_GROUPS]
    for group in range(first, program[T_HOMES, home, H_GROUPS_END]):
        if bits & 1 << (group - first) == 0:
            continue
        for ring in range(program[T_GROUPS, group, G_RINGS],
                          program[T_GROUPS, group, G_RINGS_END]):  # fmt: skip
            head = ring_of(state, slot, ring)
            if head == NONE:
                continue
            number = at // program[T_RINGS, ring, K_WIDTH]
            tile = tile_at(state, head, place_in(state, head, number))
            if tile != NONE and arena[tile + NUMBER] == number:
                arena[tile + N] -= 1
                add_total(arena, tile + LOW, -amount)
                add_square(arena, tile + SQUARES, amount, -1)
                arena[head + RING_FROM] = NONE


@inner
def read_ring(state: State, desk: Desk, walk: Int, ring: Int, until: Int) -> None:
    """Put the figures of a window that ends at `until` where a walk would have summed them up."""
    arena, program, sums = state.arena, state.program, desk.sums
    head = ring_of(state, desk.at[AT_SLOT], ring)
    window, width = program[T_RINGS, ring, K_WINDOW], program[T_RINGS, ring, K_WIDTH]
    low, high = (until - window + 1) // width, until // width
    if arena[head + RING_FROM] != low or arena[head + RING_TO] != high:
        _make_whole(state, head, ring, low, high)
    whole = head + RING_WHOLE
    for i in range(NEWEST + 1):
        sums[i] = arena[whole + i]
    first = program[T_PASSES, walk, P_COLUMNS]
    for c in range(first, program[T_PASSES, walk, P_PAIRS]):
        for k in range(program[T_RINGS, ring, K_COLUMNS], program[T_RINGS, ring, K_COLUMNS_END]):
            if program[T_COLUMNS, k, C_ROW] == program[T_COLUMNS, c, C_ROW]:
                sketch = arena[whole + TILE_SKETCHES + k - program[T_RINGS, ring, K_COLUMNS]]
                sums[DIFFERENT + c - first] = estimate(arena, sketch)


@inner
def drop_tiles(state: State, slot: Int, at: Int) -> None:
    """Let go of tiles that nothing reaches from `at`, or up to KEPT before."""
    if state.slots[slot, TILED] == 0:
        return
    program, home = state.program, state.slots[slot, HOME]
    for group in range(program[T_HOMES, home, H_GROUPS], program[T_HOMES, home, H_GROUPS_END]):
        for ring in range(program[T_GROUPS, group, G_RINGS],
                          program[T_GROUPS, group, G_RINGS_END]):  # fmt: skip
            head = ring_of(state, slot, ring)
            if head != NONE:
                _drop_before(state, head, ring, at - reach_of(state, ring))


@inner
def drop_rings(state: State, slot: Int) -> None:
    """Give back all rings of a key."""
    if state.slots[slot, TILED] == 0:
        return
    program, arena, home = state.program, state.arena, state.slots[slot, HOME]
    for group in range(program[T_HOMES, home, H_GROUPS], program[T_HOMES, home, H_GROUPS_END]):
        for ring in range(program[T_GROUPS, group, G_RINGS],
                          program[T_GROUPS, group, G_RINGS_END]):  # fmt: skip
            head = ring_of(state, slot, ring)
            if head != NONE:
                for n in range(arena[head + RING_COUNT]):
                    close_tile(state, tile_at(state, head, n), ring)
                close_tile(state, head + RING_WHOLE, ring)
                give_block(state, TILE_BLOCK, arena[head + RING_LEVEL], arena[head + RING_TILES])
                give_block(state, RING_BLOCK, 0, head)
    state.slots[slot, TILED] = 0


@inner
def _drop_before(state: State, head: Int, ring: Int, before: Int) -> None:
    arena, gone = state.arena, 0
    wide, width = state.program[T_ALL, 0, A_TILE], state.program[T_RINGS, ring, K_WIDTH]
    count, tiles = arena[head + RING_COUNT], arena[head + RING_TILES]
    while gone < count and (arena[tiles + gone * wide + NUMBER] + 1) * width <= before:
        close_tile(state, tiles + gone * wide, ring)
        gone += 1
    if gone != 0:
        for i in range(tiles, tiles + (count - gone) * wide):
            arena[i] = arena[i + gone * wide]
        arena[head + RING_COUNT] = count - gone


@inner
def _add(state: State, head: Int, ring: Int, row: Int, stride: Int) -> None:
    arena, program = state.arena, state.program
    at, amount = arena[row], arena[row + stride]
    number = at // program[T_RINGS, ring, K_WIDTH]
    place = place_in(state, head, number)
    tile = tile_at(state, head, place)
    if tile == NONE or arena[tile + NUMBER] != number:
        tile = insert_tile(state, head, ring, place, number)
    inside = (
        arena[head + RING_FROM] != NONE
        and arena[head + RING_FROM] <= number <= arena[head + RING_TO]
    )
    whole = head + RING_WHOLE
    add_to_tile(arena, tile, at, amount)
    if inside:
        add_to_tile(arena, whole, at, amount)
    first = program[T_RINGS, ring, K_COLUMNS]
    for c in range(first, program[T_RINGS, ring, K_COLUMNS_END]):
        text = arena[row + program[T_COLUMNS, c, C_ROW] * stride]
        if text >= 0:
            add_text(state, arena[tile + TILE_SKETCHES + c - first], text)
            if inside:
                add_text(state, arena[whole + TILE_SKETCHES + c - first], text)


@inner
def _make_whole(state: State, head: Int, ring: Int, low: Int, high: Int) -> None:
    arena, program, whole = state.arena, state.program, head + RING_WHOLE
    columns = program[T_RINGS, ring, K_COLUMNS_END] - program[T_RINGS, ring, K_COLUMNS]
    clear_tile(arena, whole)
    for c in range(columns):
        clear_sketch(arena, arena[whole + TILE_SKETCHES + c])
    for n in range(place_in(state, head, low), arena[head + RING_COUNT]):
        tile = tile_at(state, head, n)
        if arena[tile + NUMBER] > high:
            break
        merge_tile(arena, whole, tile)
        for c in range(columns):
            join(arena, arena[whole + TILE_SKETCHES + c], arena[tile + TILE_SKETCHES + c])
    for c in range(columns):
        count_again(arena, arena[whole + TILE_SKETCHES + c])
    for i in range(SQUARES, SQUARES + 3):
        arena[whole + i + 1] += arena[whole + i] >> 27
        arena[whole + i] &= _HALF
    arena[head + RING_FROM] = low
    arena[head + RING_TO] = high
