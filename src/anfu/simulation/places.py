"""Cities where people pay, how one finds them on the globe, and the addresses seen from there."""

from __future__ import annotations

import random
from dataclasses import dataclass

from anfu.risk.environment import distance_km

# Half the side of the square a city's people move in, in degrees: about 6 km.
_AROUND = 0.055
_MOBILE_ADDRESSES = 64


@dataclass(frozen=True, slots=True)
class City:
    """Its centre in degrees (WGS 84). `number` is its place in `CITIES`."""

    number: int
    name: str
    name_zh: str
    latitude: float
    longitude: float


CITIES = tuple(
    City(number, *city)
    for number, city in enumerate(
        (
            ("Beijing", "北京", 39.904, 116.407),
            ("Shanghai", "上海", 31.230, 121.474),
            ("Guangzhou", "广州", 23.129, 113.264),
            ("Shenzhen", "深圳", 22.543, 114.058),
            ("Chengdu", "成都", 30.573, 104.067),
            ("Chongqing", "重庆", 29.563, 106.551),
            ("Hangzhou", "杭州", 30.274, 120.155),
            ("Wuhan", "武汉", 30.593, 114.306),
            ("Xi'an", "西安", 34.342, 108.940),
            ("Nanjing", "南京", 32.060, 118.797),
            ("Tianjin", "天津", 39.343, 117.362),
            ("Changsha", "长沙", 28.228, 112.939),
            ("Zhengzhou", "郑州", 34.747, 113.625),
            ("Qingdao", "青岛", 36.067, 120.383),
            ("Shenyang", "沈阳", 41.806, 123.432),
            ("Harbin", "哈尔滨", 45.803, 126.535),
            ("Kunming", "昆明", 24.880, 102.833),
            ("Xiamen", "厦门", 24.480, 118.089),
            ("Lanzhou", "兰州", 36.061, 103.834),
            ("Urumqi", "乌鲁木齐", 43.826, 87.617),
        )
    )
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A point on the globe, in degrees."""

    latitude: float
    longitude: float


def spot_in(city: City, thrown: random.Random) -> Spot:
    """Somewhere in the city."""
    return Spot(
        round(city.latitude + thrown.uniform(-_AROUND, _AROUND), 5),
        round(city.longitude + thrown.uniform(-_AROUND, _AROUND), 5),
    )


def far_from(city: City, least_km: float, thrown: random.Random) -> City:
    """A city at least so far away."""
    here = (city.latitude, city.longitude)
    far = [c for c in CITIES if distance_km(*here, c.latitude, c.longitude) >= least_km]
    return thrown.choice(far)


def mobile_address(city: City, thrown: random.Random) -> str:
    """An address many phones of one city share behind their carrier (RFC 6598)."""
    return f"100.{64 + city.number}.0.{thrown.randrange(_MOBILE_ADDRESSES)}"


def home_address(city: City, thrown: random.Random) -> str:
    """The address of a household."""
    return f"10.{city.number}.{thrown.randrange(256)}.{1 + thrown.randrange(254)}"


def rented_address(thrown: random.Random) -> str:
    """An address in a data centre, of the range kept for examples (RFC 5737)."""
    return f"203.0.113.{1 + thrown.randrange(254)}"
