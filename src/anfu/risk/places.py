"""Where an entity was: half-degree cells, the usual one, the last position, and the way from it."""

from __future__ import annotations

from anfu.risk.environment import distance_km

Cells = dict[int, int] | None
Usual = tuple[int, int] | None
"""How many events were in the cell most were in (the largest of several), and its number."""
Position = tuple[int, float, float]
"""When (microseconds), latitude, longitude."""
_CELLS_A_DEGREE = 2
_ROUND = 360 * _CELLS_A_DEGREE
CELLS = (180 * _CELLS_A_DEGREE + 1) * _ROUND
"""How many there are; the pole has a row of its own."""
MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US


def cell_of(latitude: float, longitude: float) -> int:
    """The number of the half-degree cell a position lies in."""
    row = int((latitude + 90) * _CELLS_A_DEGREE)
    return row * _ROUND + int((longitude + 180) * _CELLS_A_DEGREE) % _ROUND


def centre_of(cell: int) -> tuple[float, float]:
    """Latitude and longitude of the middle of a cell."""
    row, column = divmod(cell, _ROUND)
    half = 0.5
    latitude = min((row + half) / _CELLS_A_DEGREE - 90, 90.0)
    return latitude, (column + half) / _CELLS_A_DEGREE - 180


def visited(cells: Cells, usual: Usual, cell: int, times: int = 1) -> tuple[Cells, Usual]:
    """One more event (or `times`, which may be negative) in a cell; cells are counted apart only
    once there are two of them."""
    if cells is None and usual is not None and usual[1] != cell:
        cells = {usual[1]: usual[0]}
    if cells is None:
        count = times if usual is None else usual[0] + times
        return None, (count, cell) if count else None
    cells[cell] = count = cells.get(cell, 0) + times
    if times > 0 and usual is not None:
        return cells, max(usual, (count, cell))
    if not count:
        del cells[cell]
    return cells, max(((n, c) for c, n in cells.items()), default=None)


def travelled(
    usual: Usual, last: Position | None, at: int, latitude: float, longitude: float
) -> tuple[float | None, float | None, float | None]:
    """km from the last and from the usual position, and km/h since the last."""
    if usual is None or last is None:
        return None, None, None
    usual_km = distance_km(latitude, longitude, *centre_of(usual[1]))
    then, last_latitude, last_longitude = last
    if last_latitude == latitude and last_longitude == longitude:
        return 0.0, usual_km, 0.0
    last_km = distance_km(latitude, longitude, last_latitude, last_longitude)
    hours = max(at - then, MINUTE_US) / HOUR_US
    return last_km, usual_km, int(last_km / hours * 10 + 0.5) / 10
