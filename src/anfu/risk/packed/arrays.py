"""The arrays of the kernel: made, and made larger in place."""

from __future__ import annotations

import numpy as np

from anfu.risk.packed.layout import (
    COUNT,
    END,
    FREE_SLOT,
    HEADS,
    HOME,
    HOMES_FROM,
    LEVELS,
    LIMIT,
    MARK_WIDTH,
    NEWEST,
    NEXT,
    NONE,
    REFS,
    SLOT_OF,
    SLOT_WIDTH,
    SLOTS,
    TOP,
    UNUSED_ID,
    USED,
    WANTED,
    Desk,
    State,
    Words,
)
from anfu.risk.packed.measure import SUMS_WIDTH
from anfu.risk.packed.program import Program
from anfu.risk.packed.run import MARKS_OF_EVENT
from anfu.risk.places import CELLS

# What one growth adds at least; growing in place costs the zeroing of what is new.
_WORDS, _KEYS = 1 << 16, 1 << 12


def make_state(program: Program) -> State:
    """Nothing is known."""
    homes = len(program.homes)
    groups = sum(len(home.groups) for home in program.homes)
    meta = np.zeros(HEADS + (HOMES_FROM + 2 * homes + groups) * LEVELS, np.int64)
    state = State(
        meta,
        np.zeros((_KEYS, SLOT_WIDTH), np.int64),
        np.zeros((_KEYS, SLOT_OF + homes), np.int32),
        np.zeros(_WORDS, np.int64),
        # At most half full: a window has no more than LIMIT rows and one.
        np.zeros((program.most_columns, 4 * LIMIT), np.int64),
        np.zeros(CELLS, np.int64),
        program.array(),
    )
    clear(state)
    return state


def make_desk(given: Words, out: Words) -> Desk:
    """With room for marks, for the sums of a walk, and for where it is."""
    marks = np.zeros((4 * MARKS_OF_EVENT, MARK_WIDTH), np.int64)
    return Desk(given, out, marks, np.zeros(SUMS_WIDTH, np.int64), np.zeros(4, np.int64))


def clear(state: State) -> None:
    """Forget everything; the memory is used again."""
    state.meta[:] = 0
    state.meta[HEADS:] = NONE
    state.meta[[FREE_SLOT, NEWEST]] = NONE
    state.meta[UNUSED_ID] = END
    state.seen[:] = 0
    state.cells[:] = 0
    clear_ids(state, 0)


def clear_ids(state: State, first: int) -> None:
    """Ids from `first` on are used nowhere."""
    state.ids[first:] = -1
    state.ids[first:, REFS] = 0
    state.ids[first:, NEXT] = USED


def grow(state: State) -> None:
    """Give the kernel the memory it said it wants."""
    wanted, size = int(state.meta[WANTED]), len(state.arena)
    if int(state.meta[TOP]) + wanted > size:
        state.arena.resize(size + max(wanted, size // 8, _WORDS), refcheck=False)
    keys = len(state.slots)
    if int(state.meta[SLOTS]) + state.ids.shape[1] > keys:
        state.slots.resize((keys + max(_KEYS, keys // 8), SLOT_WIDTH), refcheck=False)


def reserve(state: State, words: int) -> None:
    """See that there are so many words, and room for a key in each home."""
    state.meta[WANTED] = words
    grow(state)


def counts(state: State, homes: int) -> list[tuple[int, int]]:
    """For each home: how many keys, and how many rows."""
    slots = state.slots[: int(state.meta[SLOTS])]
    found = []
    for home in range(homes):
        ours = slots[slots[:, HOME] == home]
        found.append((len(ours), int(ours[:, COUNT].sum())))
    return found
