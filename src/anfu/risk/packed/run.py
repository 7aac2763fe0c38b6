"""Events in turn: read what others did, learn, read what the payment's own keys did."""

from __future__ import annotations

from anfu.risk.features import Aggregate
from anfu.risk.packed.layout import (
    A_CLOCK,
    A_CLOCK_END,
    A_FEATURES,
    A_READINGS,
    APPROXIMATE,
    AT_EVENT,
    AT_OWN,
    AT_READING,
    AT_SLOT,
    ATTEND,
    BITS,
    COUNT,
    DONE,
    DROPPED,
    F_KIND,
    G_AMOUNT,
    G_AT,
    G_KEEP,
    G_LABELLED,
    G_REACH,
    G_READ,
    GROW,
    H_GROUPS,
    H_GROUPS_END,
    H_KEY,
    H_LIFELONG,
    H_REACH,
    H_READING,
    HAND,
    HOME,
    KEPT,
    LAST,
    LIMIT,
    MARKS,
    MISSING,
    NEWEST,
    NONE,
    NULLS,
    R_HOME,
    R_KEY,
    R_OWN,
    SECOND,
    SLOT_OF,
    SLOTS,
    STOP,
    T_ALL,
    T_FEATURES,
    T_GROUPS,
    T_HOMES,
    T_READINGS,
    TIDY,
    TILED,
    VALUES,
    Desk,
    Int,
    State,
    Words,
)
from anfu.risk.packed.machine import inner
from anfu.risk.packed.measure import KINDS, give, mark
from anfu.risk.packed.memory import capacity
from anfu.risk.packed.rings import add_to_rings, take_from_rings, trimmed_of
from anfu.risk.packed.room import for_event, has_room
from anfu.risk.packed.rows import (
    bits_for,
    expire,
    find_row,
    give_back,
    is_empty,
    is_hot,
    learn,
    take_row,
)
from anfu.risk.packed.settled import unsettle
from anfu.risk.packed.walk import read
from anfu.risk.packed.words import drop_words, newest_word, note_word

_HOUR_US = 3_600 * SECOND
_HOUR = KINDS[Aggregate.HOUR]
# Keys looked at for each event, whether they may go. A payment makes nine new ones at the most.
_LOOKED_AT = 16
# Marks of one event: one a feature, and two for each group of each home.
MARKS_OF_EVENT = 1_024


@inner
def run(state: State, desk: Desk, first: Int, count: Int, tidy: Int, sweep: Int) -> tuple[Int, Int]:
    """Run through events from `first` on. `tidy`: rows that nothing reaches may go; `sweep`: so may
    keys. Returns the next event, and why it has not been run through."""
    state.meta[STOP] = 0
    given, out, marks, sums, at = desk
    for event in range(first, count):
        if state.meta[MARKS] + MARKS_OF_EVENT > marks.shape[0]:
            return event, ATTEND
        if not has_room(state, for_event(state, given[event])):
            return event, GROW
        at[AT_EVENT] = event
        _decide(state, Desk(given[event], out[event], marks, sums, at), tidy)
        if tidy:
            state.meta[NEWEST] = max(state.meta[NEWEST], given[event, G_AT])
        if sweep:
            _look_round(state, marks, event)
        if state.meta[STOP] != 0:
            return event + 1, ATTEND
    return count, DONE


@inner
def _decide(state: State, desk: Desk, tidy: Int) -> None:
    program, given, at = state.program, desk.given, desk.at
    reads = given[G_READ]
    if reads:
        desk.out[APPROXIMATE] = 0
        desk.out[NULLS] = VALUES + program[T_ALL, 0, A_FEATURES]
        _read_clock(state, given, desk.out)
        for reading in range(program[T_ALL, 0, A_READINGS]):
            if program[T_READINGS, reading, R_OWN] == 0:
                _find(state, at, reading, given[program[T_READINGS, reading, R_KEY]])
                read(state, desk)
    for home in range(state.ids.shape[1] - SLOT_OF):
        bits, reading = bits_for(state, given, home), program[T_HOMES, home, H_READING]
        slot, own = -1, -1
        if bits != 0:
            slot, own = learn(state, given, home, tidy)
            tiled = state.slots[slot, TILED] & bits
            if tiled != 0:
                add_to_rings(state, slot, tiled, own)
        if reads and reading >= 0:
            _find(state, at, reading, given[program[T_HOMES, home, H_KEY]])
            at[AT_OWN] = own if at[AT_OWN] != NONE else NONE
            read(state, desk)
        if tidy and slot >= 0 and state.slots[slot, COUNT] > 2 * LIMIT:
            _cool(state, desk.marks, at[AT_EVENT], slot, bits)


@inner
def _find(state: State, at: Words, reading: Int, key: Int) -> None:
    """Set where a reading is, without a row of the event's own."""
    home = state.program[T_READINGS, reading, R_HOME]
    at[AT_READING] = reading
    at[AT_SLOT] = -1 if key < 0 else state.ids[key, SLOT_OF + home]
    at[AT_OWN] = NONE if key < 0 else -1


@inner
def _read_clock(state: State, given: Words, out: Words) -> None:
    """Asia/Shanghai, which has had no summer time since 1991."""
    program = state.program
    for feature in range(program[T_ALL, 0, A_CLOCK], program[T_ALL, 0, A_CLOCK_END]):
        hours = given[G_AT] // _HOUR_US + 8
        if program[T_FEATURES, feature, F_KIND] == _HOUR:
            give(state, out, feature, hours % 24)
        else:
            give(state, out, feature, (hours // 24 + 3) % 7 + 1)


@inner
def _cool(state: State, marks: Words, event: Int, slot: Int, bits: Int) -> None:
    """Have groups with too many rows attended to before the next event."""
    home = state.slots[slot, HOME]
    first = state.program[T_HOMES, home, H_GROUPS]
    for group in range(first, state.program[T_HOMES, home, H_GROUPS_END]):
        bit = 1 << (group - first)
        if bits & bit != 0 and is_hot(state, slot, bit):
            mark(state, marks, event, TIDY, slot, group)
            state.meta[STOP] = 1


@inner
def _look_round(state: State, marks: Words, event: Int) -> None:
    """Drop what is dead among the next few keys, when the newest event is taken for the time."""
    for _ in range(_LOOKED_AT):
        slot = state.meta[HAND]
        state.meta[HAND] = slot + 1 if slot + 1 < state.meta[SLOTS] else 0
        if slot < state.meta[SLOTS] and state.slots[slot, HOME] != NONE:
            reach = state.program[T_HOMES, state.slots[slot, HOME], H_REACH]
            if state.slots[slot, LAST] <= state.meta[NEWEST] - reach - KEPT:
                look_at(state, marks, event, slot, state.meta[NEWEST])


@inner
def look_at(state: State, marks: Words, event: Int, slot: Int, at: Int) -> bool:
    """Let go of what no feature can see of a key at `at`, or up to an hour before; whether that was
    everything."""
    program, home, reach = state.program, state.slots[slot, HOME], 0
    for group in range(program[T_HOMES, home, H_GROUPS], program[T_HOMES, home, H_GROUPS_END]):
        if program[T_GROUPS, group, G_LABELLED] != 0:
            reach = max(reach, program[T_GROUPS, group, G_REACH])
    told = newest_word(state, slot)
    if told != NONE and told <= at - reach - KEPT:
        drop_words(state, slot, told)
        note_word(state, slot, NONE)
        mark(state, marks, event, DROPPED, slot, 0)
    expire(state, slot, at, 0)
    if not is_empty(state, slot):
        return False
    give_back(state, slot)
    return True


@inner
def forget(state: State, given: Words, marks: Words) -> None:
    """Take the rows of an event out; MISSING for groups of a key that do not have it and should."""
    for home in range(state.ids.shape[1] - SLOT_OF):
        bits = bits_for(state, given, home)
        if bits == 0:
            continue
        slot = state.ids[given[state.program[T_HOMES, home, H_KEY]], SLOT_OF + home]
        if slot < 0:
            continue
        tiled = state.slots[slot, TILED] & bits
        if tiled != 0:
            take_from_rings(state, slot, tiled, given[G_AT], given[G_AMOUNT])
        place = find_row(state, given, home, slot)
        if place >= 0:
            held = state.slots[slot, 0] + place + BITS * capacity(state, slot)
            bits &= ~state.arena[held]
            take_row(state, slot, place)
        _miss(state, given, marks, slot, home, bits)
        if is_empty(state, slot):
            give_back(state, slot)


@inner
def _miss(state: State, given: Words, marks: Words, slot: Int, home: Int, bits: Int) -> None:
    program = state.program
    first = program[T_HOMES, home, H_GROUPS]
    for group in range(first, program[T_HOMES, home, H_GROUPS_END]):
        bit = 1 << (group - first)
        if bits & bit == 0:
            continue
        ever = program[T_HOMES, home, H_LIFELONG] & bit
        newest = max(state.meta[NEWEST], state.slots[slot, LAST])
        old = given[G_AT] <= newest - program[T_GROUPS, group, G_KEEP] - KEPT
        if ever == 0 and old:
            continue
        # What came too late for a row was summed up at once, whatever else is still there.
        if not old and given[G_AT] > trimmed_of(state, slot, group):
            mark(state, marks, 0, MISSING, slot, group)
        else:
            unsettle(state, slot, group, given[G_AMOUNT])
