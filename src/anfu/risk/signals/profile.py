"""What a page observed of its device: the meaning of a profile, after its signature was checked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """How the page was used: counts of what was done, its length in ms, and of the gaps between
    keys and between pointer moves the mean and the standard deviation in ms (0 for fewer than
    two)."""

    dwell_ms: float = 0
    keys: int = 0
    moves: int = 0
    clicks: int = 0
    untrusted: int = 0
    key_gap_ms: float = 0
    key_gap_std_ms: float = 0
    move_gap_std_ms: float = 0


@dataclass(frozen=True, slots=True)
class Graphics:
    """Of WebGL: who made it and what it is, as the browser says; `steady`: two drawings of one
    canvas were equal; `blank`: nothing was drawn."""

    vendor: str = ""
    renderer: str = ""
    steady: bool = True
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Observed:
    """`offset_min` is east of UTC; `automation` names what drives a browser and was found in it,
    `altered` the functions that are not the browser's own; window and screen in CSS pixels; `hints`
    are codes of an app's own sensors (ROOTED, EMULATOR, REMOTE_CONTROL)."""

    user_agent: str
    platform: str
    language: str
    languages: tuple[str, ...]
    time_zone: str
    offset_min: int
    graphics: Graphics = Graphics()
    timing: Timing = Timing()
    webdriver: bool = False
    automation: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    developer_tools: bool = False
    touch_points: int = 0
    outer_width: int = 1
    outer_height: int = 1
    screen_width: int = 1
    screen_height: int = 1
    plugins: int = 1
    brands: tuple[str, ...] = ()
