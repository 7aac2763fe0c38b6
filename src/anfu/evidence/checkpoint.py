"""Checkpoints: the size and root of the tree as a signed note (C2SP tlog-checkpoint)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from anfu.evidence.merkle import HASH
from anfu.evidence.signer import Signer, VerifierKey

_MAX_NOTE = 1 << 17
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_DASH = "\u2014 "


@dataclass(frozen=True, slots=True)
class Head:
    """What a checkpoint says: the log's name, the number of leaves, the root."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A stored checkpoint. `note` is the signed text, `key` the vkey of who signed it. `at` is
    our own clock's and not signed."""

    head: Head
    at: datetime
    key: str
    note: str

    @property
    def size(self) -> int:
        return self.head.size

    @property
    def root(self) -> bytes:
        return self.head.root


def sign_head(head: Head, signer: Signer) -> str:
    """The signed note. The origin is the signer's name, else ValueError."""
    if head.origin != signer.name:
        raise ValueError("a log signs under its own name")
    text = f"{head.origin}\n{head.size}\n{base64.b64encode(head.root).decode()}\n"
    signature = base64.b64encode(signer.key.id + signer.sign(text.encode())).decode()
    return f"{text}\n{_DASH}{signer.name} {signature}\n"


def read_head(note: str) -> Head:
    """What `note` says, whoever signed it. Raises ValueError when it is not a checkpoint."""
    text, _ = _split(note)
    origin, size, root, *more = text[:-1].split("\n")
    if not origin or "" in more or not _SIZE.fullmatch(size):
        raise ValueError("a checkpoint is an origin, a size and a root")
    return Head(origin, int(size), _decode(root, HASH))


def signed_by(note: str, key: VerifierKey) -> bool:
    """Whether `key` signed `note`: a signature of it is there, and every one verifies.

    Raises ValueError when `note` is not a signed note.
    """
    text, signatures = _split(note)
    found = [s for name, s in signatures if name == key.name and s[:4] == key.id]
    return bool(found) and all(key.verify(s[4:], text.encode()) for s in found)


def signed_by_any(note: str, keys: Iterable[VerifierKey]) -> bool:
    """Whether one of `keys` signed `note` under the name that is its origin."""
    origin = read_head(note).origin
    return any(key.name == origin and signed_by(note, key) for key in keys)


def _split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text with its final newline, and the signatures as (name, id and signature)."""
    text, blank, lines = note.rpartition("\n\n")
    if len(note) > _MAX_NOTE or not blank or not lines.endswith("\n"):
        raise ValueError("not a signed note")
    if text.count("\n") < 2 or any(c < " " and c != "\n" for c in note):
        raise ValueError("not the note of a checkpoint")
    return text + "\n", [_signature(line) for line in lines[:-1].split("\n")]


def _signature(line: str) -> tuple[str, bytes]:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not name:
        raise ValueError("not a signature line")
    return name, _decode(encoded)


def _decode(text: str, length: int | None = None) -> bytes:
    """Strict base64: the one encoding of its bytes."""
    found = base64.b64decode(text.encode("ascii"), validate=True)
    if base64.b64encode(found).decode() != text or length not in (None, len(found)):
        raise ValueError("not base64 of the right length")
    return found
