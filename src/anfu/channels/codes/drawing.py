"""A code as a picture: SVG (QR, ISO/IEC 18004), level M, with the quiet zone of four modules."""

from __future__ import annotations

import segno


def draw(text: str, *, scale: int = 6) -> str:
    """An `<svg>` element of black modules on white, `scale` pixels each. Raises ValueError for a
    text that is too long for a QR code."""
    code = segno.make_qr(text, error="m", encoding="utf-8")
    return code.svg_inline(scale=scale, border=4, dark="#000", light="#fff")
