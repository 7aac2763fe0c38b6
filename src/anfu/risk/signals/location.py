"""Where an address is, from a file in MaxMind's format that the operator supplies.

The format is that of the MaxMind DB File Format Specification 2.0, the fields those of GeoIP2 City:
`location.latitude`, `location.longitude`, `location.time_zone`, `country.iso_code`. Anfu ships no
such file, and asks nobody over the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import maxminddb

from anfu.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class Location:
    """Degrees WGS 84; `time_zone` an IANA name, `country` ISO 3166-1 alpha-2; None: not said."""

    latitude: float
    longitude: float
    time_zone: str | None
    country: str | None


class Locator(Protocol):
    """Finds addresses."""

    def find(self, address: str) -> Location | None: ...


class Locations:
    """A file held open. Raises Refused(locations_unreadable) for one that is none."""

    def __init__(self, path: Path) -> None:
        try:
            self._reader = maxminddb.open_database(str(path), maxminddb.MODE_AUTO)
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            reason = str(type(error).__name__)
            raise Refused("locations_unreadable", field=str(path), reason=reason) from None

    def find(self, address: str) -> Location | None:
        """Where an address is; None for what is none or stands nowhere in the file."""
        try:
            record: Any = self._reader.get(address)
        except ValueError:
            return None
        place = record.get("location") if isinstance(record, Mapping) else None
        if not isinstance(place, Mapping) or not {"latitude", "longitude"} <= place.keys():
            return None
        country = record.get("country")
        code = country.get("iso_code") if isinstance(country, Mapping) else None
        return Location(
            float(place["latitude"]), float(place["longitude"]), place.get("time_zone"), code
        )

    def close(self) -> None:
        """Give the file back."""
        self._reader.close()
