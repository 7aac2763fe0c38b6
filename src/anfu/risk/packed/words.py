"""Words about payments inside the kernel: when each payment was made, and from when until when it
is known for a fraud, in the order of the payments."""

from __future__ import annotations

from anfu.risk.packed.layout import (
    EXTRA,
    NONE,
    SAID_AT,
    SAID_BITS,
    SAID_FROM,
    SAID_TO,
    TOLD,
    TOLD_BLOCK,
    TOLD_COUNT,
    TOLD_LEVEL,
    TOLD_NEWEST,
    TOLD_WIDTH,
    Int,
    State,
)
from anfu.risk.packed.machine import inner
from anfu.risk.packed.memory import extra_of, give_block, take_block


@inner
def _place(state: State, extra: Int, at: Int) -> Int:
    """How many are of payments before `at`."""
    arena = state.arena
    low, high = 0, arena[extra + TOLD_COUNT]
    while low < high:
        middle = (low + high) >> 1
        if arena[arena[extra + TOLD] + middle * TOLD_WIDTH] < at:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def hear(state: State, slot: Int, at: Int, since: Int, until: Int, bits: Int) -> None:
    """A payment made at `at` is known for a fraud from `since` until `until`."""
    arena, extra = state.arena, extra_of(state, slot)
    if arena[extra + TOLD] == NONE:
        arena[extra + TOLD] = take_block(state, TOLD_BLOCK, TOLD_WIDTH, 0)
        arena[extra + TOLD_COUNT] = 0
        arena[extra + TOLD_LEVEL] = 0
    count, level = arena[extra + TOLD_COUNT], arena[extra + TOLD_LEVEL]
    if count == 1 << level:
        old = arena[extra + TOLD]
        new = take_block(state, TOLD_BLOCK, TOLD_WIDTH, level + 1)
        for i in range(count * TOLD_WIDTH):
            arena[new + i] = arena[old + i]
        give_block(state, TOLD_BLOCK, level, old)
        arena[extra + TOLD] = new
        arena[extra + TOLD_LEVEL] = level + 1
    block = arena[extra + TOLD]
    place = block + _place(state, extra, at) * TOLD_WIDTH
    for i in range(block + count * TOLD_WIDTH - 1, place - 1, -1):
        arena[i + TOLD_WIDTH] = arena[i]
    arena[place + SAID_AT] = at
    arena[place + SAID_FROM] = since
    arena[place + SAID_TO] = until
    arena[place + SAID_BITS] = bits
    arena[extra + TOLD_COUNT] = count + 1


@inner
def unhear(state: State, slot: Int, at: Int, since: Int, until: Int, bits: Int) -> None:
    """Take one such word out, if there is one."""
    arena, extra = state.arena, state.slots[slot, EXTRA]
    if extra == NONE or arena[extra + TOLD] == NONE:
        return
    count, block = arena[extra + TOLD_COUNT], arena[extra + TOLD]
    for n in range(_place(state, extra, at), count):
        word = block + n * TOLD_WIDTH
        if arena[word + SAID_AT] != at:
            return
        same = arena[word + SAID_FROM] == since and arena[word + SAID_TO] == until
        if same and arena[word + SAID_BITS] == bits:
            for i in range(word, block + (count - 1) * TOLD_WIDTH):
                arena[i] = arena[i + TOLD_WIDTH]
            arena[extra + TOLD_COUNT] = count - 1
            return


@inner
def drop_words(state: State, slot: Int, before: Int) -> None:
    """Let go of words about payments made up to then."""
    arena, extra = state.arena, state.slots[slot, EXTRA]
    if extra == NONE or arena[extra + TOLD] == NONE:
        return
    gone = _place(state, extra, before + 1)
    count, block = arena[extra + TOLD_COUNT], arena[extra + TOLD]
    if gone > 0:
        for i in range(block, block + (count - gone) * TOLD_WIDTH):
            arena[i] = arena[i + gone * TOLD_WIDTH]
        arena[extra + TOLD_COUNT] = count - gone


@inner
def note_word(state: State, slot: Int, at: Int) -> None:
    """Something was said of a payment made at `at`; NONE: nothing is said of any, after all."""
    extra = extra_of(state, slot)
    known = state.arena[extra + TOLD_NEWEST]
    state.arena[extra + TOLD_NEWEST] = NONE if at == NONE else max(known, at)


@inner
def newest_word(state: State, slot: Int) -> Int:
    """When the newest payment that something was said of was made; NONE without."""
    extra = state.slots[slot, EXTRA]
    return NONE if extra == NONE else state.arena[extra + TOLD_NEWEST]


@inner
def frauds(
    state: State, slot: Int, bit: Int, after: Int, until: Int, known: Int
) -> tuple[Int, Int, Int]:
    """Of payments made in `(after, until]`: how many were frauds by what was known at `known`, and
    when the oldest and the newest of them were made."""
    arena, extra = state.arena, state.slots[slot, EXTRA]
    number, oldest, newest = 0, NONE, NONE
    if extra == NONE or arena[extra + TOLD] == NONE:
        return number, oldest, newest
    block = arena[extra + TOLD]
    for n in range(_place(state, extra, after + 1), arena[extra + TOLD_COUNT]):
        word = block + n * TOLD_WIDTH
        at = arena[word + SAID_AT]
        if at > until:
            break
        if arena[word + SAID_BITS] & bit == 0:
            continue
        if arena[word + SAID_FROM] <= known < arena[word + SAID_TO]:
            number += 1
            newest = at
            if oldest == NONE:
                oldest = at
    return number, oldest, newest
