"""A page in a simulated browser, as the SDK of `web/device` is one: it signs what it saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from anfu.parties.devices.proof import base64url
from anfu.simulation.browsers import Browser

_COMPUTER: Mapping[str, Any] = {
    "user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
    "platform": "Win32", "language": "zh-CN", "languages": ["zh-CN", "en"],
    "time_zone": "Asia/Shanghai", "offset_min": 480,
    "graphics": {"vendor": "Intel", "renderer": "Intel UHD 770", "steady": True, "blank": False},
    "timing": {"dwell_ms": 8_200, "keys": 14, "moves": 52, "clicks": 4, "untrusted": 0,
               "key_gap_ms": 170.2, "key_gap_std_ms": 48.6, "move_gap_std_ms": 6.1},
    "webdriver": False, "automation": [], "altered": [], "hints": [], "developer_tools": False,
    "touch_points": 0, "outer_width": 1440, "outer_height": 860, "screen_width": 1920,
    "screen_height": 1080, "plugins": 5, "brands": ["Chromium"],
}  # fmt: skip
_PHONE: Mapping[str, Any] = {
    **_COMPUTER,
    "user_agent": "Mozilla/5.0 (Linux; Android 15; Mobile) AppleWebKit/537.36 Mobile",
    "platform": "Linux armv81", "touch_points": 5, "outer_width": 412, "outer_height": 915,
    "screen_width": 412, "screen_height": 915, "plugins": 0,
    "graphics": {"vendor": "ARM", "renderer": "Mali-G78", "steady": True, "blank": False},
}  # fmt: skip


class Page:
    """`point` is the public key as the profile says it; `cookie` the device a cookie names."""

    def __init__(self, browser: Browser, cookie: str | None = None) -> None:
        self._browser, self._cookie = browser, cookie
        self._key = derive_private_key(browser.key + 1, SECP256R1())
        form = PublicFormat.UncompressedPoint
        self.point = self._key.public_key().public_bytes(Encoding.X962, form)

    def profile(self, nonce: str) -> dict[str, str]:
        """What the SDK gives the page for a session's nonce: the text and its signature."""
        traits = self._browser.traits()
        del traits["network"]  # which the server sees for itself
        seen = _PHONE if self._browser.phone else _COMPUTER
        said = {"v": 1, "nonce": nonce, "key": base64url(self.point), "device": self._cookie,
                "traits": traits, "seen": seen}  # fmt: skip
        payload = msgspec.json.encode(said)
        r, s = decode_dss_signature(self._key.sign(payload, ECDSA(SHA256())))
        signature = base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return {"payload": payload.decode(), "signature": signature}
