"""The doors of the kernel: what Python calls, compiled once and kept."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from anfu.risk.packed import run, words
from anfu.risk.packed.layout import (
    G_LABELLED,
    G_REACH,
    H_GROUPS,
    H_GROUPS_END,
    KEPT,
    LAST,
    SLOT_OF,
    T_GROUPS,
    T_HOMES,
    Desk,
    Int,
    State,
    Words,
)
from anfu.risk.packed.machine import DIGEST, entry, inner, ready
from anfu.risk.packed.memory import take_slot
from anfu.risk.packed.room import for_key
from anfu.risk.packed.rows import find_row, give_back, is_empty, tidy


class Entries(NamedTuple):
    """Functions of the kernel, of a state and numbers."""

    run: Any
    forget: Any
    tell: Any
    look_at: Any
    tidy: Any
    has_row: Any
    for_key: Any


class Payment(NamedTuple):
    """A payment that something is said of: a home, the id of its key there, when it was made, and
    its groups that hear of it."""

    home: Int
    name: Int
    at: Int
    bits: Int


@inner
def _tell(state: State, payment: Payment, gone: Words, come: Words, known: Int) -> Int:
    """What is known of a payment changes from the spans of time in `gone` to those in `come`;
    `known` is when the newest payment that something was said of was made, NONE when of none.
    Returns the slot, -1 for a key of which then nothing is known."""
    home, name, at, bits = payment
    slot = state.ids[name, SLOT_OF + home]
    if slot < 0:
        slot = take_slot(state, home, name)
    words.drop_words(state, slot, _oldest(state, home, slot))
    for n in range(gone.shape[0]):
        words.unhear(state, slot, at, gone[n, 0], gone[n, 1], bits)
    for n in range(come.shape[0]):
        words.hear(state, slot, at, come[n, 0], come[n, 1], bits)
    words.note_word(state, slot, known)
    if is_empty(state, slot):
        give_back(state, slot)
        return -1
    return slot


@inner
def _oldest(state: State, home: Int, slot: Int) -> Int:
    """When payments were made of which words can no longer be seen."""
    reach = 0
    for group in range(state.program[T_HOMES, home, H_GROUPS],
                       state.program[T_HOMES, home, H_GROUPS_END]):  # fmt: skip
        if state.program[T_GROUPS, group, G_LABELLED] != 0:
            reach = max(reach, state.program[T_GROUPS, group, G_REACH])
    return max(state.slots[slot, LAST], words.newest_word(state, slot)) - reach - KEPT


def make_entries(state: State, desk: Desk) -> Entries:
    """The doors, compiled, or read from what was kept; both once in a process, since the arrays of
    every state have the same types."""
    doors, row, spans = _doors(), desk.given[0], np.zeros((0, 2), np.int64)
    return Entries(
        ready(doors.run, state, desk, 0, 0, False, False),
        ready(doors.forget, state, row, desk.marks),
        ready(doors.tell, state, Payment(0, 0, 0, 0), spans, spans, 0),
        ready(doors.look_at, state, desk.marks, 0, 0),
        ready(doors.tidy, state, 0, 0),
        ready(doors.has_row, state, row, 0, 0),
        ready(doors.for_key, state, 0),
    )


@cache
def _doors() -> Entries:
    """The doors, not compiled yet."""
    version = DIGEST

    @entry
    def run_(state, desk, first, count, tidy, sweep):  # type: ignore[no-untyped-def]
        assert version
        return run.run(state, desk, first, count, tidy, sweep)

    @entry
    def forget(state, given, marks):  # type: ignore[no-untyped-def]
        assert version
        run.forget(state, given, marks)

    @entry
    def tell(state, payment, gone, come, known):  # type: ignore[no-untyped-def]
        assert version
        return _tell(state, payment, gone, come, known)

    @entry
    def look_at(state, marks, slot, at):  # type: ignore[no-untyped-def]
        assert version
        return run.look_at(state, marks, 0, slot, at)

    return Entries(run_, forget, tell, look_at, *_about_keys(version))


def _about_keys(version: int) -> tuple[Any, Any, Any]:
    @entry
    def tidy_(state, slot, group):  # type: ignore[no-untyped-def]
        assert version
        tidy(state, slot, group)

    @entry
    def has_row(state, given, home, slot):  # type: ignore[no-untyped-def]
        assert version
        return find_row(state, given, home, slot) >= 0

    @entry
    def for_key_(state, slot):  # type: ignore[no-untyped-def]
        assert version
        return for_key(state, slot)

    return tidy_, has_row, for_key_
