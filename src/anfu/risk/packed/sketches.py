"""Sketches of texts inside the kernel: the registers of `risk.sketch`, seven to a word."""

from __future__ import annotations

from math import log

import numpy as np

from anfu.risk.packed.layout import SKETCH_BLOCK, SKETCHED, Int, State, Words
from anfu.risk.packed.machine import inner
from anfu.risk.packed.memory import take_block
from anfu.risk.sketch import ALPHA, REGISTERS

# The sum of the inverse powers of two, in units of 2^-32 and of 2^-64; how many registers are 0.
_HIGH, _LOW, _EMPTY, _FIRST = range(4)
# Seven, so that the highest bit of a word stays free.
_IN_WORD = 7
SKETCH_WIDTH = _FIRST + -(-REGISTERS // _IN_WORD)
_RANK, _TOPS = 63, sum(0x80 << 8 * n for n in range(_IN_WORD))


@inner
def make_sketch(state: State) -> Int:
    """Of no text."""
    sketch = take_block(state, SKETCH_BLOCK, SKETCH_WIDTH, 0)
    clear_sketch(state.arena, sketch)
    return sketch


@inner
def clear_sketch(arena: Words, sketch: Int) -> None:
    for i in range(SKETCH_WIDTH):
        arena[sketch + i] = 0
    arena[sketch + _HIGH] = REGISTERS << 32
    arena[sketch + _EMPTY] = REGISTERS


@inner
def add_text(state: State, sketch: Int, name: Int) -> None:
    """One more text."""
    arena, known = state.arena, state.ids[name, SKETCHED]
    place, rank = known >> 6, known & _RANK
    word, shift = sketch + _FIRST + place // _IN_WORD, 8 * (place % _IN_WORD)
    held = (arena[word] >> shift) & _RANK
    if rank > held:
        arena[word] += (rank - held) << shift
        _count(arena, sketch, held, -1)
        _count(arena, sketch, rank, 1)


@inner
def join(arena: Words, sketch: Int, other: Int) -> None:
    """Raise the registers to those of another; `count_again` is to follow."""
    for i in range(_FIRST, SKETCH_WIDTH):
        ours, theirs = arena[sketch + i], arena[other + i]
        larger = ((((ours | _TOPS) - theirs) & _TOPS) >> 7) * 255
        arena[sketch + i] = (ours & larger) | (theirs & ~larger)


@inner
def count_again(arena: Words, sketch: Int) -> None:
    """What is kept of the registers besides themselves."""
    for i in (_HIGH, _LOW, _EMPTY):
        arena[sketch + i] = 0
    for place in range(REGISTERS):
        word = arena[sketch + _FIRST + place // _IN_WORD]
        _count(arena, sketch, (word >> 8 * (place % _IN_WORD)) & _RANK, 1)


@inner
def estimate(arena: Words, sketch: Int) -> Int:
    """As `Sketch.estimate`, to the last bit: the sum is rounded once."""
    total = np.float64(arena[sketch + _HIGH]) * 2.0**32 + np.float64(arena[sketch + _LOW])
    raw, empty = ALPHA * REGISTERS * REGISTERS * 2.0**64 / total, arena[sketch + _EMPTY]
    if raw > 2.5 * REGISTERS or empty == 0:
        return np.int64(np.rint(raw))
    return np.int64(np.rint(REGISTERS * log(REGISTERS / empty)))


@inner
def _count(arena: Words, sketch: Int, rank: Int, sign: Int) -> None:
    if rank <= 32:
        arena[sketch + _HIGH] += sign * (1 << (32 - rank))
    else:
        arena[sketch + _LOW] += sign * (1 << (64 - rank))
    if rank == 0:
        arena[sketch + _EMPTY] += sign
