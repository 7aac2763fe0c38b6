"""How many different texts there were, from a few kilobytes: HyperLogLog.

P. Flajolet, E. Fusy, O. Gandouet, F. Meunier, "HyperLogLog: the analysis of a near-optimal
cardinality estimation algorithm", AofA 2007. 2048 registers: a standard error of 2.3 %; small
numbers by linear counting. The same texts in any order give the same registers.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from math import log

import numpy as np

_BITS = 11
REGISTERS = 1 << _BITS
ALPHA = 0.7213 / (1 + 1.079 / REGISTERS)
_LEFT = 64 - _BITS
# Sums of 2^-register are kept as whole numbers of this unit, so that they do not drift.
_UNIT = 1 << 64


def place_and_rank(value: str) -> tuple[int, int]:
    """The register of a text, and what it is raised to."""
    number = int.from_bytes(blake2b(value.encode(), digest_size=8).digest(), "big")
    place, rest = number >> _LEFT, number & ((1 << _LEFT) - 1)
    return place, _LEFT - rest.bit_length() + 1


class Sketch:
    """Registers and the sum of their inverse powers of two."""

    __slots__ = ("registers", "total")

    def __init__(self) -> None:
        self.registers = bytearray(REGISTERS)
        self.total = REGISTERS * _UNIT

    def add(self, value: str) -> None:
        """One more text."""
        place, rank = place_and_rank(value)
        known = self.registers[place]
        if rank > known:
            self.registers[place] = rank
            self.total += (_UNIT >> rank) - (_UNIT >> known)

    @classmethod
    def joined(cls, parts: Sequence[Sketch]) -> Sketch:
        """Of everything that is in any of them."""
        if not parts:
            return cls()
        rows = b"".join([part.registers for part in parts])
        registers = np.frombuffer(rows, np.uint8).reshape(-1, REGISTERS).max(axis=0)
        return cls.of(registers.tobytes())

    @classmethod
    def of(cls, registers: bytes) -> Sketch:
        """Of what its registers are. Raises ValueError for what no texts can have given."""
        whole = cls()
        ranks = np.bincount(np.frombuffer(registers, np.uint8)).tolist()
        if len(registers) != REGISTERS or len(ranks) > _LEFT + 2:
            raise ValueError("not the registers of a sketch")
        whole.registers[:] = registers
        whole.total = sum(count * (_UNIT >> rank) for rank, count in enumerate(ranks))
        return whole

    def estimate(self) -> int:
        """How many different texts, rounded."""
        raw = ALPHA * REGISTERS * REGISTERS * _UNIT / self.total
        empty = self.registers.count(0)
        if raw <= 2.5 * REGISTERS and empty:
            raw = REGISTERS * log(REGISTERS / empty)
        return round(raw)
