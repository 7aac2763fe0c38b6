"""State machines: a `StrEnum` and the table of its moves. The database guards every move again."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from anfu.kernel.errors import BrokenInvariant

S = TypeVar("S", bound=StrEnum)
Moves = Mapping[S, frozenset[S]]


def check_move(moves: Moves[S], before: S, after: S) -> None:
    """Raises BrokenInvariant if `after` does not follow `before`."""
    if after not in moves[before]:
        raise BrokenInvariant(f"{type(before).__name__} {before} does not move to {after}")


def final_states(moves: Moves[S]) -> frozenset[S]:
    """The states that nothing follows."""
    return frozenset(state for state, after in moves.items() if not after)


def sources_of(moves: Moves[S], after: S) -> frozenset[S]:
    """The states from which `after` may be entered: the guard of the UPDATE."""
    return frozenset(state for state, targets in moves.items() if after in targets)
