"""A file in MaxMind's format says where addresses are."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.location_file import write_locations

from anfu.kernel.errors import Refused
from anfu.risk.signals.location import Location, Locations

SHANGHAI = {"location": {"latitude": 31.2, "longitude": 121.5, "time_zone": "Asia/Shanghai"},
            "country": {"iso_code": "CN"}}  # fmt: skip
BARE = {"location": {"latitude": 1.5, "longitude": -2.0}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "places.mmdb"
    write_locations(path, {"203.0.113.0/24": SHANGHAI, "2001:db8::/32": BARE,
                           "198.51.100.0/24": {"country": {"iso_code": "GB"}}})  # fmt: skip
    return path


def test_an_address_is_where_the_file_says(file: Path) -> None:
    locations = Locations(file)
    assert locations.find("203.0.113.200") == Location(31.2, 121.5, "Asia/Shanghai", "CN")
    assert locations.find("2001:db8::1") == Location(1.5, -2.0, None, None)
    for nowhere in ("203.0.114.1", "198.51.100.1", "2001:db9::1", "no address"):
        assert locations.find(nowhere) is None
    locations.close()


def test_what_is_no_such_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("nothing of the kind")
    for name in ("text", "missing"):
        with pytest.raises(Refused) as refusal:
            Locations(tmp_path / name)
        assert refusal.value.code == "locations_unreadable"
