"""What a walk adds up of rows, and of what is settled, for the features of a span."""

from __future__ import annotations

from anfu.risk.packed.columns import (
    add_amounts,
    add_ends,
    add_extremes,
    first_with,
    tell_apart,
)
from anfu.risk.packed.layout import (
    AT_OWN,
    AT_SLOT,
    BITS,
    BLOCK,
    C_GIVEN,
    C_ROW,
    C_SPAN,
    G_AT,
    LIMIT,
    NEEDS_AMOUNTS,
    NEEDS_COUNT,
    NEEDS_ENDS,
    NEEDS_EXTREMES,
    NEEDS_SQUARES,
    NONE,
    P_BIT,
    P_COLUMNS,
    P_GROUP,
    P_PAIRS,
    P_PAIRS_END,
    P_SPANS,
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
    T_PASSES,
    T_SPANS,
    W_NEEDS,
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
)
from anfu.risk.packed.memory import capacity, find, new_stamp
from anfu.risk.packed.rows import count_in
from anfu.risk.packed.settled import add_total, record_of


@inner
def start(state: State, sums: Words, walk: Int) -> None:
    """Nothing is added up yet."""
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
def mask_for(rows: Int) -> Int:
    """Of tables that so many texts leave half empty; no window has more than LIMIT rows and one."""
    mask = 7
    while mask < 2 * min(rows, LIMIT + 1):
        mask = 2 * mask + 1
    return mask


@inner
def add_rows(state: State, desk: Desk, walk: Int, span: Int, rows: tuple[Int, Int, Int]) -> None:
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
def add_settled(state: State, given: Words, sums: Words, walk: Int, slot: Int) -> None:
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
