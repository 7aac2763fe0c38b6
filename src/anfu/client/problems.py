"""What a call may end with instead of an answer."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class ProblemDocument(Struct, frozen=True):
    """RFC 9457, as the API writes it."""

    title: str = "no problem document"
    status: int = 0
    detail: str = ""
    code: str = "unreadable"
    field: str = ""
    details: dict[str, Any] = {}


class Problem(Exception):  # noqa: N818 - RFC 9457's word
    """The API said no: `code` is stable and listed in the reference, the texts are for people."""

    def __init__(self, document: ProblemDocument) -> None:
        super().__init__(f"{document.status} {document.code}: {document.title}")
        self.document = document

    @property
    def code(self) -> str:
        return self.document.code

    @property
    def status(self) -> int:
        return self.document.status


class NoAnswer(Exception):  # noqa: N818 - it says what there is
    """No answer came within the time. Whether the call was carried out is not known: the same call
    under the same idempotency key finds out."""

    def __init__(self, idempotency_key: str, why: str) -> None:
        super().__init__(f"no answer ({why}); idempotency key {idempotency_key}")
        self.idempotency_key = idempotency_key
