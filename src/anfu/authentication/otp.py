"""One-time passwords of a token or an app: HOTP (RFC 4226) and TOTP (RFC 6238), six digits.

The seed is derived from the institution's secret and the factor's id, so no table holds it.
"""

from __future__ import annotations

import base64
import hmac
from datetime import datetime
from hashlib import sha1, sha256
from urllib.parse import quote, urlencode

from anfu.kernel.canonical import canonical_bytes

DIGITS = 6
PERIOD_S = 30
# RFC 6238 section 5.2: one step back for the time a code travels, one ahead for a clock that is
# fast.
DRIFT_STEPS = 1
# RFC 4226 section 7.4: presses of the button that never reached us.
LOOK_AHEAD = 5
_SEED_BYTES = 20


def seed_of(key: bytes, factor: str) -> bytes:
    """The 20 bytes shared with the token of the factor of that id (RFC 4226 section 4, R6)."""
    content = canonical_bytes({"v": 1, "seed_of": factor})
    return hmac.digest(key, content, sha256)[:_SEED_BYTES]


def hotp(seed: bytes, counter: int, *, digits: int = DIGITS) -> str:
    """The code at `counter` (RFC 4226 section 5.3)."""
    # SHA-1 is what the RFC and every token speak; HMAC does not rest on its collisions.
    mac = hmac.digest(seed, counter.to_bytes(8, "big"), sha1)
    at = mac[-1] & 0x0F
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"


def step_at(*, now: datetime) -> int:
    """The number of whole periods since 1970 (RFC 6238 section 4.2)."""
    return int(now.timestamp()) // PERIOD_S


def find_step(seed: bytes, code: str, *, last: int, now: datetime) -> int | None:
    """The step that `code` is of: within the drift, after `last`, the last one used (a code is
    good once: RFC 6238 section 5.2). Every candidate is compared, whichever fits."""
    present = step_at(now=now)
    return _find(seed, code, range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1), last)


def find_count(seed: bytes, code: str, *, last: int) -> int | None:
    """The counter that `code` is of: one of the `LOOK_AHEAD` after `last`, the last one used."""
    return _find(seed, code, range(last + 1, last + 1 + LOOK_AHEAD), last)


def provisioning_uri(kind: str, seed: bytes, *, issuer: str, account: str) -> str:
    """What an authenticator app reads from a QR code (the key URI format)."""
    query = {
        "secret": base64.b32encode(seed).decode(),
        "issuer": issuer,
        "digits": DIGITS,
        **({"period": PERIOD_S} if kind == "totp" else {"counter": 0}),
    }
    return f"otpauth://{kind}/{quote(issuer)}:{quote(account)}?{urlencode(query)}"


def _find(seed: bytes, code: str, candidates: range, last: int) -> int | None:
    found = None
    for counter in candidates:
        right = hmac.compare_digest(hotp(seed, counter).encode(), code.encode())
        if right and counter > last and found is None:
            found = counter
    return found
