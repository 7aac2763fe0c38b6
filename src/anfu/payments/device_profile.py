"""A device profile as the SDK sends it: the text that was signed, and what it says."""

from __future__ import annotations

import hashlib
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from anfu.kernel.errors import Refused
from anfu.parties.devices.likeness import WEIGHTS
from anfu.parties.devices.proof import read_base64url
from anfu.risk.signals.profile import Graphics, Observed, Timing

PAYLOAD_MOST = 16_384
_Text = Annotated[str, Meta(max_length=512)]
_Digest = Annotated[str, Meta(max_length=128)]
_Name = Annotated[str, Meta(max_length=64)]
_Names = Annotated[tuple[_Name, ...], Meta(max_length=32)]
_Count = Annotated[int, Meta(ge=0, le=1_000_000)]
_Span = Annotated[float, Meta(ge=0, le=1e9)]
_KNOWN = frozenset(WEIGHTS) - {"network"}


class _Timing(Struct, frozen=True, forbid_unknown_fields=True):
    dwell_ms: _Span
    keys: _Count
    moves: _Count
    clicks: _Count
    untrusted: _Count
    key_gap_ms: _Span
    key_gap_std_ms: _Span
    move_gap_std_ms: _Span


class _Graphics(Struct, frozen=True, forbid_unknown_fields=True):
    vendor: _Text
    renderer: _Text
    steady: bool
    blank: bool


class _Seen(Struct, frozen=True, forbid_unknown_fields=True):
    user_agent: _Text
    platform: _Name
    language: _Name
    languages: _Names
    time_zone: _Name
    offset_min: Annotated[int, Meta(ge=-1_000, le=1_000)]
    graphics: _Graphics
    timing: _Timing
    webdriver: bool
    automation: _Names
    altered: _Names
    hints: _Names
    developer_tools: bool
    touch_points: _Count
    outer_width: _Count
    outer_height: _Count
    screen_width: _Count
    screen_height: _Count
    plugins: _Count
    brands: _Names


class _Payload(Struct, frozen=True, forbid_unknown_fields=True):
    v: Annotated[int, Meta(ge=1, le=1)]
    nonce: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{43}$", max_length=43)]
    key: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{87}$", max_length=87)]
    device: Annotated[str, Meta(max_length=64)] | None
    traits: dict[_Name, _Digest]
    seen: _Seen


class Profile(Struct, frozen=True):
    """`cookie` is the device a cookie names; `point` the public key that claims to have signed;
    `digest` SHA-256 of the text, in hex."""

    text: bytes
    nonce: bytes
    point: bytes
    cookie: str | None
    traits: dict[str, str]
    observed: Observed
    digest: str


def read_profile(text: str) -> Profile:
    """Raises Refused(device_profile_invalid) for what no SDK of ours has written."""
    body = text.encode("utf-8", "surrogatepass")
    try:
        said = msgspec.json.decode(body, type=_Payload)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refused("device_profile_invalid", field="payload", reason=str(error)[:200]) from None
    nonce, point = read_base64url(said.nonce), read_base64url(said.key)
    unknown = sorted(set(said.traits) - _KNOWN)
    if nonce is None or point is None or unknown:
        raise Refused("device_profile_invalid", field="payload", reason=f"unknown: {unknown}"[:200])
    # Traits are compared, never read: what is kept of one is a digest of even length.
    traits = {n: hashlib.sha256(v.encode()).hexdigest()[:16] for n, v in said.traits.items()}
    return Profile(
        body, nonce, point, said.device, traits, _observed(said.seen),
        hashlib.sha256(body).hexdigest(),
    )  # fmt: skip


def _observed(seen: _Seen) -> Observed:
    values = {name: getattr(seen, name) for name in seen.__struct_fields__}
    values["timing"] = Timing(**msgspec.structs.asdict(seen.timing))
    values["graphics"] = Graphics(**msgspec.structs.asdict(seen.graphics))
    return Observed(**values)
