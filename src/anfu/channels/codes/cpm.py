"""EMVCo's consumer-presented code (EMV QRCPS, consumer mode 1.1): which applications it carries.

Base64 over BER-TLV: 85 with `CPV01`, then application templates (61) whose 4F names the
application. Nothing else of it is read: it carries the payer's card.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from anfu.kernel.errors import Refused

CPM_START = "hQVDUFYwM"  # 85 05 "CPV0": so far every version
_MAX = 512
_APPLICATION, _NAME = 0x61, 0x4F


def applications(text: str) -> list[bytes]:
    """The applications' names (AID). Raises Refused("payer_code_invalid") for what is no such
    code."""
    try:
        if len(text) > _MAX:
            raise ValueError("too long")
        data = base64.b64decode(text, validate=True)
        templates = [value for tag, value in _objects(data) if tag == _APPLICATION]
        return [value for t in templates for tag, value in _objects(t) if tag == _NAME]
    except (ValueError, IndexError, binascii.Error):
        raise Refused("payer_code_invalid", field="code") from None


def _objects(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The data objects of one level: tags of one or two bytes, lengths up to 255 (ISO 8825-1)."""
    place = 0
    while place < len(data):
        tag = data[place]
        place += 1
        if tag & 0x1F == 0x1F:
            tag = tag << 8 | data[place]
            place += 1
        length = data[place]
        place += 1
        if length > 0x7F:
            if length != 0x81:
                raise ValueError("length")
            length = data[place]
            place += 1
        if place + length > len(data):
            raise ValueError("short")
        yield tag, data[place : place + length]
        place += length
