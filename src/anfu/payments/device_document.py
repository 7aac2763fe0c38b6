"""Devices, sessions and ties as callers and the evidence see them."""

from __future__ import annotations

from collections.abc import Sequence

from anfu.parties.devices.device import NONCE, Device, Key, Session, Tie
from anfu.parties.devices.proof import base64url
from anfu.payments.document import rfc3339
from anfu.risk.signals.signal import TEXTS, Signal


def session_document(session: Session, *, nonce: bool = False) -> dict[str, object]:
    """A session; with its nonce only for who opened it."""
    document: dict[str, object] = {
        "id": session.id,
        "object": "device_session",
        "state": session.state,
        "payer": session.payer,
        "device": session.device,
        "standing": session.standing,
        "bound": session.bound,
        "signals": [_words(Signal(code)) for code in session.signals],
        "created_at": rfc3339(session.created_at),
        "profile_by": rfc3339(session.created_at + NONCE),
    }
    if nonce:
        document["nonce"] = base64url(session.nonce)
    return document


def tie_document(tie: Tie) -> dict[str, object]:
    """A device and a payer."""
    return {
        "object": "device_tie",
        "device": tie.device,
        "payer": tie.payer,
        "state": tie.state,
        "first_at": rfc3339(tie.first_at),
        "last_at": rfc3339(tie.last_at),
        "moved_at": rfc3339(tie.moved_at),
    }


def device_document(device: Device, keys: Sequence[Key], ties: Sequence[Tie]) -> dict[str, object]:
    """A device with its keys and the payers it was seen with."""
    return {
        "id": device.id,
        "object": "device",
        "created_at": rfc3339(device.created_at),
        "last_seen_at": rfc3339(device.last_seen_at),
        "keys": [{"thumbprint": key.thumbprint, "trust": key.trust} for key in keys],
        "ties": [tie_document(tie) for tie in ties],
    }


def device_leaf(session: Session, profile: str) -> dict[str, object]:
    """What the evidence keeps of a profile that came: its digest and what it was worth."""
    return {
        "profile": profile,
        "state": session.state,
        "device": session.device,
        "key": session.thumbprint,
        "standing": session.standing,
        "signals": list(session.signals),
    }


def _words(signal: Signal) -> dict[str, str]:
    en, zh = TEXTS[signal]
    return {"code": signal, "en": en, "zh": zh}
