"""Identifiers: `"pay_" + 26 base32 characters` = 48-bit milliseconds + 80 random bits.

The alphabet is Crockford's, in lower case, so that ids sort by the time they were made. A kind
is a prefix; each room names its own kinds with `NewType`.
"""

from __future__ import annotations

import os
import random
import threading
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26
_PAIRS = [a + b for a in ALPHABET for b in ALPHABET]
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Entropy(Protocol):
    """A source of random bytes; injected, so that a run replays from its seed."""

    def bytes(self, count: int) -> bytes: ...


class SystemEntropy:
    """The operating system's generator, read in blocks. No byte is given out twice: not to two
    threads, and not to a process and its fork, for bytes also serve as nonces and secrets."""

    _BLOCK = 4096

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool = b""
        self._at = 0
        os.register_at_fork(after_in_child=self._forget)

    def bytes(self, count: int) -> bytes:
        with self._lock:
            end = self._at + count
            if end > len(self._pool):
                self._pool, self._at, end = os.urandom(max(self._BLOCK, count)), 0, count
            taken = self._pool[self._at : end]
            self._at = end
            return taken

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._pool = b""
        self._at = 0


class SeededEntropy:
    """Bytes that follow from a seed; for tests and simulations, never for secrets."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable by intent

    def bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)


def new_id(prefix: str, *, now: datetime, entropy: Entropy) -> str:
    """A new id of the kind `prefix`, sortable by `now` (aware)."""
    return f"{prefix}_{_time_part(now)}{_random_part(entropy.bytes(10))}"


def new_ids(prefix: str, count: int, *, now: datetime, entropy: Entropy) -> list[str]:
    """`count` new ids of one kind."""
    head = f"{prefix}_{_time_part(now)}"
    taken = entropy.bytes(10 * count)
    return [head + _random_part(taken[at : at + 10]) for at in range(0, 10 * count, 10)]


def first_id(prefix: str, *, at: datetime) -> str:
    """The smallest id that can have been made at `at`: the start of a range by time. Before 1970
    there are none, so that a range from then on is one from the first."""
    return f"{prefix}_{_time_part(max(at, _EPOCH))}{_random_part(bytes(10))}"


def made_at(id_: str) -> datetime:
    """When an id was made, to the millisecond. Raises ValueError for what is none."""
    time_part = id_.partition("_")[2][:10]
    if len(time_part) != 10 or not all(character in _VALUES for character in time_part):
        raise ValueError("not an id")
    number = 0
    for character in time_part:
        number = number * 32 + _VALUES[character]
    return _EPOCH + timedelta(milliseconds=number)


def is_id(prefix: str, text: str) -> bool:
    """Whether `text` has the form of an id of the kind `prefix`."""
    body = text[len(prefix) + 1 :]
    return (
        text.startswith(f"{prefix}_")
        and len(body) == LENGTH
        and body[0] in "01234567"
        and all(character in _VALUES for character in body)
    )


@lru_cache(maxsize=64)
def _time_part(moment: datetime) -> str:
    """The milliseconds since 1970 as ten characters."""
    since = moment - _EPOCH
    if since.days < 0:
        raise ValueError("an id is made after the beginning of 1970")
    number = (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(40, -1, -10)])


def _random_part(taken: bytes) -> str:
    """Ten bytes as sixteen characters."""
    number = int.from_bytes(taken, "big")
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(70, -1, -10)])
