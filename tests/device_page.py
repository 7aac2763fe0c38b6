"""A page as the SDK is one: a key, a cookie, traits, what was seen, and a signed profile."""

from __future__ import annotations

import base64
import json
from copy import deepcopy
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TRAITS = {
    "fonts": "f-1", "canvas": "c-1", "webgl": "Apple M4", "audio": "35.7", "screen": "1512x982x2",
    "pixels": "24", "cores": "10", "memory": "8", "platform": "MacIntel", "engine": "webkit",
    "touch": "0", "languages": "zh-CN", "time_zone": "Asia/Shanghai", "voices": "v-1",
    "plugins": "p-1",
}  # fmt: skip
SEEN: dict[str, Any] = {
    "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15",
    "platform": "MacIntel", "language": "zh-CN", "languages": ["zh-CN", "en"],
    "time_zone": "Asia/Shanghai", "offset_min": 480,
    "graphics": {"vendor": "Apple Inc.", "renderer": "Apple M4", "steady": True, "blank": False},
    "timing": {"dwell_ms": 9_000, "keys": 12, "moves": 40, "clicks": 3, "untrusted": 0,
               "key_gap_ms": 180.5, "key_gap_std_ms": 61.2, "move_gap_std_ms": 7.5},
    "webdriver": False, "automation": [], "altered": [], "hints": [], "developer_tools": False,
    "touch_points": 0, "outer_width": 1400, "outer_height": 900, "screen_width": 1512,
    "screen_height": 982, "plugins": 5, "brands": [],
}  # fmt: skip


def base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


class Page:
    """`number` names its key; `cookie` is the device its cookie names."""

    def __init__(self, number: int = 1, cookie: str | None = None, **traits: str) -> None:
        self.key: EllipticCurvePrivateKey = derive_private_key(number, SECP256R1())
        self.cookie = cookie
        self.traits = {**TRAITS, **traits}
        self.seen = deepcopy(SEEN)

    @property
    def point(self) -> str:
        """The public key."""
        form = PublicFormat.UncompressedPoint
        return base64url(self.key.public_key().public_bytes(Encoding.X962, form))

    def payload(self, nonce: str, **changes: Any) -> str:
        """The text that is signed."""
        said = {"v": 1, "nonce": nonce, "key": self.point, "device": self.cookie,
                "traits": self.traits, "seen": self.seen}  # fmt: skip
        return json.dumps({**said, **changes})

    def sign(self, payload: str) -> dict[str, str]:
        """What the SDK returns."""
        r, s = decode_dss_signature(self.key.sign(payload.encode(), ECDSA(SHA256())))
        signature = base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return {"payload": payload, "signature": signature}

    def profile(self, nonce: str, **changes: Any) -> dict[str, str]:
        """A signed profile."""
        return self.sign(self.payload(nonce, **changes))
