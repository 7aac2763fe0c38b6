"""What was observed of device and network while a payment was made. All of it may be missing."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

# Twice the mean radius R1 of the Earth, IUGG 1980, in tenths of a km.
DIAMETER_TENTHS = 20 * 6371.0088


@dataclass(frozen=True, slots=True)
class Environment:
    """`device` and `address` are opaque names (a device id, a network address); degrees WGS 84.
    `session` is that of a device profile; `standing`, `signals` (codes between commas) and `bound`
    are what was found of it.

    Raises ValueError for half a position or one that is not on the globe.
    """

    device: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    session: str | None = None
    standing: str | None = None
    signals: str | None = None
    bound: bool | None = None

    def __post_init__(self) -> None:
        latitude, longitude = self.latitude, self.longitude
        if latitude is None or longitude is None:
            if latitude is not longitude:
                raise ValueError("a position needs latitude and longitude")
        elif not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise ValueError("a position lies on the globe")


UNSEEN = Environment()


def distance_km(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> float:
    """Great-circle distance by the haversine formula, to the nearest 0.1 km: the whole part of
    tenths and a half."""
    a, b = radians(latitude), radians(other_latitude)
    half = sin((b - a) / 2) ** 2
    half += cos(a) * cos(b) * sin(radians(other_longitude - longitude) / 2) ** 2
    return int(DIAMETER_TENTHS * asin(sqrt(half if half < 1 else 1.0)) + 0.5) / 10
