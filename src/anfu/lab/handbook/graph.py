"""Several trained models and what they are given, as one ONNX graph from facts to a probability.

The graph's front makes columns that are no facts (a flag, a ratio) out of the facts. Training runs
the very same front, so that what is learned on is what is asked with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from onnx import (
    GraphProto,
    ModelProto,
    NodeProto,
    OperatorSetIdProto,
    TensorProto,
    ValueInfoProto,
    compose,
    helper,
    numpy_helper,
)

Matrix = npt.NDArray[np.float32]
OPSET, ML_OPSET, IR = 15, 3, 8
INPUT, MIDDLE, OUTPUT = "facts", "columns", "probability"


class Made(StrEnum):
    """How a derived column is made: whether `left` is at least, at most `right`, or their ratio."""

    AT_LEAST = "AT_LEAST"
    AT_MOST = "AT_MOST"
    RATIO = "RATIO"


@dataclass(frozen=True, slots=True)
class Derived:
    """`left` names a fact; `right` a number, or a fact for a RATIO."""

    how: Made
    left: str
    right: str | float


@dataclass(frozen=True, slots=True)
class Part:
    """A trained model: its graph, and the names of its input and of its output of two columns."""

    model: ModelProto
    given: str
    gives: str


def front(facts: Sequence[str], columns: Sequence[str | Derived]) -> ModelProto:
    """From a matrix of `facts` to one of `columns`: facts by name, and derived ones."""
    nodes: list[NodeProto] = []
    weights = [
        numpy_helper.from_array(np.array([i], np.int64), f"place_{i}") for i in range(len(facts))
    ]
    place = {name: f"place_{i}" for i, name in enumerate(facts)}
    for name in facts:
        nodes.append(helper.make_node("Gather", [INPUT, place[name]], [f"fact_{name}"], axis=1))
    joined = []
    for i, column in enumerate(columns):
        if isinstance(column, str):
            joined.append(f"fact_{column}")
            continue
        nodes += _derived(column, f"made_{i}")
        if not isinstance(column.right, str):
            limit = np.array([column.right], np.float32)
            weights.append(numpy_helper.from_array(limit, f"made_{i}_limit"))
        joined.append(f"made_{i}")
    nodes.append(helper.make_node("Concat", joined, [MIDDLE], axis=1))
    graph = helper.make_graph(
        nodes, "front", [_tensor(INPUT, len(facts))], [_tensor(MIDDLE, len(columns))], weights
    )
    return _model(graph)


def _derived(column: Derived, name: str) -> list[NodeProto]:
    left = f"fact_{column.left}"
    if column.how is Made.RATIO:
        return [helper.make_node("Div", [left, f"fact_{column.right}"], [name])]
    kind = "GreaterOrEqual" if column.how is Made.AT_LEAST else "LessOrEqual"
    return [
        helper.make_node(kind, [left, f"{name}_limit"], [f"{name}_test"]),
        helper.make_node("Cast", [f"{name}_test"], [name], to=TensorProto.FLOAT),
    ]


def joined(entry: ModelProto, parts: Sequence[Part]) -> bytes:
    """`entry`, then the mean of the probabilities of all `parts`."""
    whole = entry
    for i, part in enumerate(parts):
        piece = compose.add_prefix(_aged(part.model), f"part_{i}_")
        given = f"part_{i}_{part.given}"
        outputs = [*(o.name for o in whole.graph.output), f"part_{i}_{part.gives}"]
        whole = compose.merge_models(whole, piece, io_map=[(MIDDLE, given)], outputs=outputs)
    graph = whole.graph
    graph.name, graph.doc_string = "joined", ""  # which come out by chance
    one = numpy_helper.from_array(np.array([1], np.int64), "second")
    graph.initializer.append(one)
    seconds = []
    for i, part in enumerate(parts):
        seconds.append(f"second_{i}")
        graph.node.append(
            helper.make_node("Gather", [f"part_{i}_{part.gives}", "second"], [seconds[-1]], axis=1)
        )
    graph.node.append(helper.make_node("Mean", seconds, [OUTPUT]))
    del graph.output[:]
    graph.output.append(_tensor(OUTPUT, 1))
    return bytes(whole.SerializeToString(deterministic=True))


def _aged(model: ModelProto) -> ModelProto:
    """The same graph under the operator sets of the front, as pieces of one graph must be."""
    copy = ModelProto()
    copy.CopyFrom(model)
    copy.ir_version = IR
    del copy.opset_import[:]
    copy.opset_import.extend(_opsets())
    return copy


def _model(graph: GraphProto) -> ModelProto:
    return helper.make_model(graph, opset_imports=_opsets(), ir_version=IR)


def _opsets() -> list[OperatorSetIdProto]:
    return [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]


def _tensor(name: str, width: int) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, width])
