"""An attachment (附件): a file that speaks for or against the payments of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from anfu.kernel.errors import Refused

PREFIX = "att"
SIZE_MAX = 1 << 20


class MediaType(StrEnum):
    """What is taken (RFC 6838): nothing that a page or a program could be."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    TEXT = "text/plain"


# What a file begins with: ISO 32000-1 7.5.2, RFC 2083 3.1, ITU-T T.81 B.1.1.3. A text has no such
# mark; it begins with none of these.
_MARKS: Mapping[MediaType, bytes] = {
    MediaType.PDF: b"%PDF-",
    MediaType.PNG: b"\x89PNG\r\n\x1a\n",
    MediaType.JPEG: b"\xff\xd8\xff",
}
_TEXT_CONTROLS = frozenset("\t\n\f\r")


@dataclass(frozen=True, slots=True)
class Attachment:
    """All but the content, which has `size` bytes and the SHA-256 `digest`. `sealed` for its id:
    its name and what it shows."""

    id: str
    case_id: str
    at: datetime
    by: str
    media_type: MediaType
    size: int
    digest: bytes
    sealed: bytes


def check_content(media_type: MediaType, content: bytes) -> None:
    """Raises Refused: attachment_empty, attachment_too_large, attachment_not_as_declared where the
    bytes are of another media type, or no text in UTF-8."""
    if not content:
        raise Refused("attachment_empty", field="content")
    if len(content) > SIZE_MAX:
        raise Refused("attachment_too_large", field="content", most=SIZE_MAX)
    if _media_type_of(content) is not media_type:
        raise Refused("attachment_not_as_declared", field="content", media_type=media_type)


def _media_type_of(content: bytes) -> MediaType | None:
    for media_type, mark in _MARKS.items():
        if content.startswith(mark):
            return media_type
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    readable = all((c >= " " and c != "\x7f") or c in _TEXT_CONTROLS for c in text)
    return MediaType.TEXT if readable else None
