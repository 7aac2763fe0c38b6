"""Positions inside the kernel: doubles as bits, cells, and the way from the last and the usual."""

from __future__ import annotations

import numpy as np

from anfu.risk.environment import distance_km
from anfu.risk.packed.layout import Int
from anfu.risk.packed.machine import inner
from anfu.risk.places import HOUR_US, MINUTE_US, cell_of, centre_of

distance = inner(distance_km)
cell = inner(cell_of)
centre = inner(centre_of)


@inner
def double(bits: Int) -> Int:
    """The double of 64 bits."""
    return np.int64(bits).view(np.float64)


@inner
def bits_of(value: Int) -> Int:
    """The 64 bits of a double."""
    return np.float64(value).view(np.int64)


@inner
def cell_at(latitude: Int, longitude: Int) -> Int:
    """The cell of a position given as bits."""
    return cell(double(latitude), double(longitude))


@inner
def speed_kmh(km: Int, us: Int) -> Int:
    """To the nearest tenth, over at least a minute."""
    hours = max(us, MINUTE_US) / HOUR_US
    return int(km / hours * 10 + 0.5) / 10
