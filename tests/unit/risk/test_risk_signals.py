"""Each signal on the profile that shows it, and none on an honest one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from anfu.risk.signals.detect import Sighting, detect, locate, travel
from anfu.risk.signals.profile import Graphics, Observed, Timing
from anfu.risk.signals.signal import TEXTS, Signal, codes

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/150.0"
HONEST = Observed(
    user_agent=MAC, platform="MacIntel", language="zh-CN", languages=("zh-CN", "en"),
    time_zone="Asia/Shanghai", offset_min=480,
    graphics=Graphics("Apple Inc.", "Apple M4"),
    timing=Timing(9_000, keys=12, moves=80, clicks=3, key_gap_std_ms=61, move_gap_std_ms=7),
    outer_width=1400, outer_height=900, screen_width=1512, screen_height=982,
)  # fmt: skip

SHOWN: list[tuple[dict[str, Any], set[Signal]]] = [
    ({}, set()),
    ({"webdriver": True}, {Signal.AUTOMATION}),
    ({"automation": ("cdc_",)}, {Signal.AUTOMATION}),
    ({"user_agent": MAC.replace("Chrome", "HeadlessChrome")}, {Signal.HEADLESS}),
    ({"brands": ("HeadlessChrome",)}, {Signal.HEADLESS}),
    ({"outer_height": 0}, {Signal.HEADLESS}),
    ({"graphics": Graphics("Google", "Android Emulator OpenGL ES")}, {Signal.EMULATOR}),
    ({"hints": ("ROOTED", "REMOTE_CONTROL", "LATER")}, {Signal.ROOTED, Signal.REMOTE_CONTROL}),
    ({"hints": ("EMULATOR",)}, {Signal.EMULATOR}),
    ({"developer_tools": True}, {Signal.DEVELOPER_TOOLS}),
    ({"altered": ("toDataURL",)}, {Signal.ALTERED_BROWSER}),
    ({"graphics": Graphics("Apple Inc.", "Apple M4", steady=False)},
     {Signal.RENDERING_CONTRADICTION}),
    ({"graphics": Graphics("Apple Inc.", "Apple M4", blank=True)},
     {Signal.RENDERING_CONTRADICTION}),
    ({"graphics": Graphics("Google", "SwiftShader")}, {Signal.RENDERING_CONTRADICTION}),
    ({"graphics": Graphics("NVIDIA", "NVIDIA GeForce RTX 4090 Direct3D11")},
     {Signal.RENDERING_CONTRADICTION}),
    ({"platform": "Win32"}, {Signal.AGENT_CONTRADICTION}),
    ({"user_agent": "Mozilla/5.0 (iPhone)", "platform": "iPhone"}, {Signal.AGENT_CONTRADICTION}),
    ({"screen_width": 0}, {Signal.AGENT_CONTRADICTION}),
    ({"language": "en"}, {Signal.LANGUAGE_CONTRADICTION}),
    ({"languages": ()}, {Signal.LANGUAGE_CONTRADICTION}),
    ({"offset_min": 0}, {Signal.CLOCK_CONTRADICTION}),
    ({"time_zone": "../etc/passwd"}, {Signal.CLOCK_CONTRADICTION}),
    ({"time_zone": ""}, {Signal.CLOCK_CONTRADICTION}),
    ({"timing": Timing(9_000, keys=8, key_gap_std_ms=3.9)}, {Signal.UNNATURAL_TIMING}),
    ({"timing": Timing(9_000, keys=7, key_gap_std_ms=0)}, set()),
    ({"timing": Timing(9_000, moves=30, move_gap_std_ms=0.4)}, {Signal.UNNATURAL_TIMING}),
    ({"timing": Timing(9_000, untrusted=1)}, {Signal.UNNATURAL_TIMING}),
]  # fmt: skip


@pytest.mark.parametrize(("change", "shown"), SHOWN)
def test_a_signal_is_what_its_profile_shows(change: dict[str, Any], shown: set[Signal]) -> None:
    assert detect(replace(HONEST, **change), now=NOW) == shown


def test_a_place_has_another_clock_from_ninety_minutes_on() -> None:
    assert locate(HONEST, "Asia/Shanghai", now=NOW) == set()
    assert locate(HONEST, "Asia/Tokyo", now=NOW) == set()
    assert locate(HONEST, "Asia/Yangon", now=NOW) == {Signal.LOCATION_CONTRADICTION}
    assert locate(HONEST, None, now=NOW) == locate(HONEST, "Mars/Olympus", now=NOW) == set()


def test_nobody_travels_faster_than_an_aeroplane() -> None:
    here, there = Sighting(NOW, 31.2, 121.5), (39.9, 116.4)
    slow = Sighting(NOW + timedelta(hours=2), *there)
    fast = Sighting(NOW + timedelta(minutes=30), *there)
    assert travel(here, slow) == travel(None, fast) == travel(here, None) == set()
    assert travel(here, fast) == {Signal.IMPOSSIBLE_TRAVEL}
    assert travel(here, Sighting(NOW, 31.3, 121.5)) == set()


def test_codes_come_sorted_and_once() -> None:
    assert codes([]) is None
    assert codes([Signal.ROOTED, "EMULATOR", Signal.ROOTED]) == "EMULATOR,ROOTED"


def test_every_signal_has_its_words_in_both_languages() -> None:
    assert set(TEXTS) == set(Signal)
    assert all(en.isascii() and not zh.isascii() for en, zh in TEXTS.values())
