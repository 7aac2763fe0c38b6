"""Facts: the values a decision is made from, in the order of the catalogue, and their bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import BrokenInvariant

Facts = tuple[Any, ...]
_SAFE = float(1 << 53)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[Any]).decode


class Type(StrEnum):
    """INTEGER is 64 bits, DOUBLE is IEEE 754 binary64."""

    INTEGER = "INTEGER"
    DOUBLE = "DOUBLE"
    TEXT = "TEXT"
    BOOLEAN = "BOOLEAN"


@dataclass(frozen=True, slots=True)
class Fact:
    """One place in the facts: its name in rules, its type, and whether it may be NULL."""

    name: str
    type: Type
    nullable: bool = True


def encoder(facts: Sequence[Fact]) -> Callable[[Facts], bytes]:
    """A quick `canonical_bytes` for facts of these types (integers within 2^53 - 1).

    Only doubles need care: JSON of RFC 8785 writes 3.0 as 3, and very large and very small
    numbers in ECMAScript's notation.
    """
    doubles = tuple(i for i, fact in enumerate(facts) if fact.type is Type.DOUBLE)

    def encode(values: Facts) -> bytes:
        out: list[Any] = list(values)
        for i in doubles:
            value = out[i]
            if value is None:
                continue
            if value.is_integer() and -_SAFE < value < _SAFE:
                out[i] = int(value)
            elif not 1e-4 <= abs(value) < 1e15:
                out[i] = msgspec.Raw(canonical_bytes(value))
        return _encode(out)

    return encode


def decode(facts: Sequence[Fact], body: bytes) -> Facts:
    """The values back, each of its declared type. Raises BrokenInvariant for another shape."""
    values = _decode(body)
    if len(values) != len(facts):
        raise BrokenInvariant("stored facts do not match their catalogue")
    return tuple(
        float(value) if fact.type is Type.DOUBLE and value is not None else value
        for fact, value in zip(facts, values, strict=True)
    )
