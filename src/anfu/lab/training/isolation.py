"""An isolation forest as ONNX with one tree ensemble, quick enough for the way of a payment.

Liu, Ting and Zhou 2008: a row's score is 2^(-E / c), with E the mean depth of its leaves, each
lengthened by the mean depth c(n) of a tree over the n rows that ended there, and c that of a tree
over the rows each tree was grown on. The sum over trees is one operator, the rest arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, TensorProto, helper, numpy_helper

_EULER = 0.5772156649015329


def isolation_onnx(forest: Any, typical: npt.NDArray[np.float32]) -> ModelProto:
    """The ONNX of a fitted scikit-learn `IsolationForest` over all columns; NULL goes in as the
    column's `typical` value. Input `x`, output `anomaly`."""
    width = len(typical)
    scale = -1.0 / (len(forest.estimators_) * float(mean_depth(np.array([forest.max_samples_]))[0]))
    weights = {
        "typical": typical.reshape(1, width),
        "scale": np.array([scale], np.float32),
        "two": np.array([2.0], np.float32),
    }
    nodes = [
        helper.make_node("IsNaN", ["x"], ["missing"]),
        helper.make_node("Where", ["missing", "typical", "x"], ["known"]),
        helper.make_node(
            "TreeEnsembleRegressor", ["known"], ["depth"], domain="ai.onnx.ml", n_targets=1,
            **_ensemble(forest),
        ),
        helper.make_node("Mul", ["depth", "scale"], ["power"]),
        helper.make_node("Pow", ["two", "power"], ["anomaly"]),
    ]  # fmt: skip
    graph = helper.make_graph(
        nodes, "isolation",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, width])],
        [helper.make_tensor_value_info("anomaly", TensorProto.FLOAT, [None, 1])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )  # fmt: skip
    opsets = [helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def mean_depth(rows: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """c(n): the mean depth of an unsuccessful search in a binary tree over n rows."""
    n = np.maximum(rows.astype(np.float64), 2.0)
    depths = 2 * (np.log(n - 1) + _EULER) - 2 * (n - 1) / n
    return np.where(rows <= 1, 0.0, np.where(rows == 2, 1.0, depths))


def _ensemble(forest: Any) -> dict[str, Any]:
    """The attributes of TreeEnsembleRegressor."""
    made: dict[str, list[Any]] = {}
    for number, estimator in enumerate(forest.estimators_):
        tree = estimator.tree_
        leaf = tree.children_left < 0
        values = _depths(tree) + mean_depth(tree.n_node_samples)
        for name, column in _tree(number, tree, leaf, values):
            made.setdefault(name, []).extend(column)
    return made


def _tree(number: int, tree: Any, leaf: Any, values: Any) -> Iterator[tuple[str, list[Any]]]:
    count, ends = tree.node_count, np.flatnonzero(leaf)
    yield "nodes_treeids", [number] * count
    yield "nodes_nodeids", list(range(count))
    yield "nodes_modes", ["LEAF" if end else "BRANCH_LEQ" for end in leaf]
    yield "nodes_featureids", np.where(leaf, 0, tree.feature).tolist()
    yield "nodes_values", np.where(leaf, 0.0, _down(tree.threshold)).tolist()
    yield "nodes_truenodeids", np.where(leaf, 0, tree.children_left).tolist()
    yield "nodes_falsenodeids", np.where(leaf, 0, tree.children_right).tolist()
    yield "target_treeids", [number] * len(ends)
    yield "target_nodeids", ends.tolist()
    yield "target_ids", [0] * len(ends)
    yield "target_weights", values[ends].astype(np.float32).tolist()


def _depths(tree: Any) -> npt.NDArray[np.float64]:
    depths = np.zeros(tree.node_count)
    for node in range(tree.node_count):  # children come after their parent
        for child in (tree.children_left[node], tree.children_right[node]):
            if child >= 0:
                depths[child] = depths[node] + 1
    return depths


def _down(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """The largest 32-bit float that is not above: `x <= value` stays as it is for every such x."""
    near = values.astype(np.float32)
    above = near.astype(np.float64) > values
    near[above] = np.nextafter(near[above], np.float32(-np.inf))
    return near
