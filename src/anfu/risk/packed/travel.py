"""How far a payment is from where its payer was before, and from where the payer mostly is."""

from __future__ import annotations

from anfu.risk.features import Aggregate
from anfu.risk.packed.layout import (
    BITS,
    BLOCK,
    F_BIT,
    F_KIND,
    G_AT,
    G_LATITUDE,
    G_LONGITUDE,
    H_GROUPS,
    HOME,
    LATITUDE,
    LONGITUDE,
    NONE,
    R_PLACES,
    R_PLACES_END,
    S_CELLS,
    S_LATITUDE,
    S_LONGITUDE,
    S_PLACE_AT,
    T_FEATURES,
    T_HOMES,
    T_READINGS,
    Int,
    State,
    Words,
)
from anfu.risk.packed.machine import inner
from anfu.risk.packed.measure import KINDS, give_double, give_null
from anfu.risk.packed.memory import capacity, new_stamp
from anfu.risk.packed.place import cell_at, centre, distance, double, speed_kmh
from anfu.risk.packed.rows import place_of
from anfu.risk.packed.settled import record_of

_LAST, _USUAL = KINDS[Aggregate.DISTANCE_LAST], KINDS[Aggregate.DISTANCE_USUAL]


@inner
def travel(state: State, given: Words, out: Words, reading: Int, slot: Int, own: Int) -> None:
    """Give the places of a reading, all of them NULL without a position or one before."""
    program = state.program
    latitude, longitude = double(given[G_LATITUDE]), double(given[G_LONGITUDE])
    bit, at, cell = 0, NONE, NONE
    last_latitude, last_longitude = 0.0, 0.0
    for feature in range(program[T_READINGS, reading, R_PLACES],
                         program[T_READINGS, reading, R_PLACES_END]):  # fmt: skip
        if program[T_FEATURES, feature, F_BIT] != bit:
            bit = program[T_FEATURES, feature, F_BIT]
            at, last_latitude, last_longitude, cell = _before(state, given, slot, own, bit)
        if at == NONE or latitude != latitude:  # noqa: PLR0124 - NaN alone differs from itself
            give_null(state, out, feature)
            continue
        kind = program[T_FEATURES, feature, F_KIND]
        if kind == _USUAL:
            usual = centre(cell)
            give_double(state, out, feature, distance(latitude, longitude, usual[0], usual[1]))
            continue
        km = 0.0
        if last_latitude != latitude or last_longitude != longitude:
            km = distance(latitude, longitude, last_latitude, last_longitude)
        if kind != _LAST and km != 0.0:
            km = speed_kmh(km, given[G_AT] - at)
        give_double(state, out, feature, km)


@inner
def _before(state: State, given: Words, slot: Int, own: Int, bit: Int) -> tuple[Int, Int, Int, Int]:
    """Time and position of the last row with one, of an instant the largest, before the own row;
    and the cell that most of them are in, of several the largest."""
    arena, cells = state.arena, state.cells
    stride, block = capacity(state, slot), state.slots[slot, BLOCK]
    stamp = new_stamp(state) << 31
    at, latitude, longitude, most, usual = _settled(state, slot, bit, stamp)
    for i in range(place_of(state, slot, given[G_AT])):
        row = block + i
        if i == own or arena[row + BITS * stride] & bit == 0:
            continue
        north, east = arena[row + LATITUDE * stride], arena[row + LONGITUDE * stride]
        if double(north) != double(north):
            continue
        here = (arena[row], double(north), double(east))
        if at == NONE or here > (at, latitude, longitude):
            at, latitude, longitude = here
        cell = cell_at(north, east)
        count = cells[cell] - stamp + 1 if cells[cell] >= stamp else 1
        cells[cell] = stamp + count
        if count > most or (count == most and cell > usual):
            most, usual = count, cell
    return at, latitude, longitude, usual


@inner
def _settled(state: State, slot: Int, bit: Int, stamp: Int) -> tuple[Int, Int, Int, Int, Int]:
    """What rows that have left say of both, their cells counted; and the count of the usual one."""
    arena, program, group = state.arena, state.program, 0
    while 1 << group != bit:
        group += 1
    group += program[T_HOMES, state.slots[slot, HOME], H_GROUPS]
    record = record_of(state, slot, group)
    if record == NONE or arena[record + S_PLACE_AT] == NONE:
        return NONE, 0.0, 0.0, 0, NONE
    block, level = arena[record + S_CELLS], arena[record + S_CELLS + 2]
    most, usual = 0, NONE
    for i in range(1 << level):
        cell, count = arena[block + 2 * i] - 1, arena[block + 2 * i + 1]
        if cell >= 0:
            state.cells[cell] = stamp + count
            if count > most or (count == most and cell > usual):
                most, usual = count, cell
    return (
        arena[record + S_PLACE_AT],
        double(arena[record + S_LATITUDE]),
        double(arena[record + S_LONGITUDE]),
        most,
        usual,
    )
