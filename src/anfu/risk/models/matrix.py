"""The matrix a model is asked with, made from facts: the same code online and in training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from anfu.risk.facts import Fact, Facts
from anfu.risk.models.model import Column

Matrix = npt.NDArray[np.float32]


def make_matrix(
    columns: Sequence[Column], facts: Sequence[Fact]
) -> Callable[[Sequence[Facts]], Matrix]:
    """A function from rows of facts, which may lack the last ones, to their matrix (rows,
    columns). Raises KeyError for a column that `facts` lack: check with `check_columns`."""
    places = {fact.name: i for i, fact in enumerate(facts)}
    where = [places[column.fact] for column in columns]
    coded = [(i, c.codes) for i, c in zip(where, columns, strict=True) if c.codes]
    fills = [(j, c.null) for j, c in enumerate(columns) if c.null is not None]
    take = _taker(where)

    def plain(rows: Sequence[Facts]) -> Matrix:
        matrix = np.array([take(row) for row in rows], dtype=np.float32)  # None becomes NaN
        for j, value in fills:
            column = matrix[:, j]
            column[np.isnan(column)] = value
        return matrix

    def mixed(rows: Sequence[Facts]) -> Matrix:
        return plain([_coded(row, coded) for row in rows])

    return mixed if coded else plain


def _taker(where: Sequence[int]) -> Callable[[Facts], tuple[Any, ...]]:
    if len(where) == 1:
        return itemgetter(slice(where[0], where[0] + 1))
    if list(where) == list(range(where[0], where[0] + len(where))):
        return itemgetter(slice(where[0], where[-1] + 1))
    return itemgetter(*where)


def _coded(row: Facts, coded: Sequence[tuple[int, Mapping[str, float]]]) -> Facts:
    out = list(row)
    for i, codes in coded:
        out[i] = codes.get(out[i])
    return tuple(out)
