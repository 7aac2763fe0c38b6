"""What is concluded from a profile: each contradiction is a signal. Pure.

The marks of driven and headless browsers follow what such browsers do differently by their own
documentation (W3C WebDriver section 10, `navigator.webdriver`; Chromium's headless mode) and by
simple physics: a window has a size, a hand has a rhythm, a clock has one time zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from anfu.risk.environment import distance_km
from anfu.risk.signals.profile import Observed
from anfu.risk.signals.signal import Signal

# A renderer that is a processor: nothing a person buys a phone or a laptop with.
_SOFTWARE = re.compile(r"swiftshader|llvmpipe|softpipe|microsoft basic render", re.IGNORECASE)
_EMULATED = re.compile(
    r"android emulator|bluestacks|nox|ldplayer|memu|genymotion|virtualbox|vmware|parallels|qemu",
    re.IGNORECASE,
)
_HEADLESS = re.compile(r"HeadlessChrome|PhantomJS|HtmlUnit|jsdom", re.IGNORECASE)
_HINTS = {hint: Signal(hint) for hint in ("ROOTED", "EMULATOR", "REMOTE_CONTROL")}
# Hands: the gaps between twenty keys spread by more than this.
_KEYS_MIN, _KEY_STD_MS = 8, 4.0
_MOVES_MIN, _MOVE_STD_MS = 30, 0.5
_FAR_KM, _FAST_KMH, _SHORTEST_H = 300.0, 1_200.0, 1 / 60
_ZONE_SLACK = timedelta(minutes=90)


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a device was, when; degrees WGS 84."""

    at: datetime
    latitude: float
    longitude: float


def detect(seen: Observed, *, now: datetime) -> set[Signal]:
    """The signals in the profile itself."""
    return {*_driven(seen), *_contradictory(seen), *_clock(seen, now), *_unnatural(seen)}


def locate(seen: Observed, zone: str | None, *, now: datetime) -> set[Signal]:
    """The signal that the clock is not that of `zone`, the IANA name for where the address is."""
    there = None if zone is None else _offset(zone, now)
    ours = timedelta(minutes=seen.offset_min)
    if there is None or abs(there - ours) < _ZONE_SLACK:
        return set()
    return {Signal.LOCATION_CONTRADICTION}


def travel(before: Sighting | None, after: Sighting | None) -> set[Signal]:
    """The signal that nobody gets from one place to the other in the time between."""
    if before is None or after is None:
        return set()
    km = distance_km(before.latitude, before.longitude, after.latitude, after.longitude)
    hours = max((after.at - before.at).total_seconds() / 3600, _SHORTEST_H)
    return {Signal.IMPOSSIBLE_TRAVEL} if km >= _FAR_KM and km / hours > _FAST_KMH else set()


def _driven(seen: Observed) -> Iterator[Signal]:
    if seen.webdriver or seen.automation:
        yield Signal.AUTOMATION
    if _HEADLESS.search(" ".join((seen.user_agent, *seen.brands))) or not (
        seen.outer_width and seen.outer_height
    ):
        yield Signal.HEADLESS
    if _EMULATED.search(f"{seen.graphics.vendor} {seen.graphics.renderer} {seen.user_agent}"):
        yield Signal.EMULATOR
    yield from (_HINTS[hint] for hint in seen.hints if hint in _HINTS)
    if seen.developer_tools:
        yield Signal.DEVELOPER_TOOLS
    if seen.altered:
        yield Signal.ALTERED_BROWSER


def _contradictory(seen: Observed) -> Iterator[Signal]:
    graphics = seen.graphics
    apple = re.search(r"iPhone|iPad|Macintosh", seen.user_agent) is not None
    foreign = apple and re.search(r"direct3d|nvidia geforce rtx|adreno|mali", graphics.renderer,
                                  re.IGNORECASE)  # fmt: skip
    if not graphics.steady or graphics.blank or foreign or _SOFTWARE.search(graphics.renderer):
        yield Signal.RENDERING_CONTRADICTION
    if not _agent_fits(seen):
        yield Signal.AGENT_CONTRADICTION
    if not seen.languages or seen.language != seen.languages[0]:
        yield Signal.LANGUAGE_CONTRADICTION


def _agent_fits(seen: Observed) -> bool:
    """A telephone has a touch screen; the platform is that of the name; a window fits a screen."""
    agent, platform = seen.user_agent, seen.platform
    mobile = re.search(r"iPhone|Android.*Mobile", agent) is not None
    if mobile and not seen.touch_points:
        return False
    pairs = (("Windows NT", "Win"), ("iPhone", "iPhone"), ("Android", "Linux"),
             ("Macintosh", "Mac"))  # fmt: skip
    for word, start in pairs:
        if word in agent and not platform.startswith(start):
            return False
    if platform.startswith("Win") and "Windows" not in agent:
        return False
    return bool(seen.screen_width and seen.screen_height)


def _clock(seen: Observed, now: datetime) -> Iterator[Signal]:
    offset = _offset(seen.time_zone, now)
    if offset is None or offset != timedelta(minutes=seen.offset_min):
        yield Signal.CLOCK_CONTRADICTION


def _unnatural(seen: Observed) -> Iterator[Signal]:
    timing = seen.timing
    metronome = timing.keys >= _KEYS_MIN and timing.key_gap_std_ms < _KEY_STD_MS
    rail = timing.moves >= _MOVES_MIN and timing.move_gap_std_ms < _MOVE_STD_MS
    if metronome or rail or timing.untrusted:
        yield Signal.UNNATURAL_TIMING


def _offset(zone: str, now: datetime) -> timedelta | None:
    """East of UTC at `now`; None for a name that is no time zone."""
    try:
        return now.astimezone(ZoneInfo(zone)).utcoffset()
    except (KeyError, ValueError, OSError):  # no such zone, a name with a path in it, one too long
        return None
