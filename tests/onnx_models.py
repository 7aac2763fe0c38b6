"""Small ONNX models made by hand, for tests: what they give can be worked out on paper."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from anfu.risk.models.model import Calibration, Column, Cutoffs, Declaration, Role

CUTOFFS = Cutoffs(0.25, 0.5, 0.75)


def model_of(
    nodes: Sequence[NodeProto],
    *,
    width: int,
    weights: dict[str, Any] | None = None,
    opset: int = 15,
    more: Sequence[Any] = (),
    outputs: Sequence[Any] | None = None,
) -> ModelProto:
    """A graph from the input `x` (rows, width) to the output `score`."""
    rows = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, width])
    score = helper.make_tensor_value_info("score", TensorProto.FLOAT, [None, 1])
    given = [numpy_helper.from_array(np.asarray(v), n) for n, v in (weights or {}).items()]
    graph = helper.make_graph(list(nodes), "made", [rows], list(outputs or [score]), given)
    sets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 3), *more]
    return helper.make_model(graph, opset_imports=sets, ir_version=8)


def logistic(weights: Sequence[float], bias: float = 0.0) -> bytes:
    """The sigmoid of a weighted sum of the columns."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["product"]),
        helper.make_node("Add", ["product", "b"], ["sum"]),
        helper.make_node("Sigmoid", ["sum"], ["score"]),
    ]
    w = np.array(weights, np.float32).reshape(-1, 1)
    model = model_of(nodes, width=len(w), weights={"w": w, "b": np.array([bias], np.float32)})
    return bytes(model.SerializeToString())


def passing(width: int = 1) -> bytes:
    """Gives its first column back."""
    nodes = [helper.make_node("Gather", ["x", "first"], ["score"], axis=1)]
    model = model_of(nodes, width=width, weights={"first": np.array([0], np.int64)})
    return bytes(model.SerializeToString())


def declared(
    onnx: bytes,
    *columns: Column | str,
    role: Role = Role.FRAUD,
    name: str = "fraud",
    calibration: Calibration | None = None,
) -> Declaration:
    """A declaration of these columns."""
    made = tuple(Column(c) if isinstance(c, str) else c for c in columns)
    cutoffs = CUTOFFS if role is Role.FRAUD else None
    digest = sha256(onnx).hexdigest()
    return Declaration(name, role, made, "score", digest, calibration or Calibration(), cutoffs)
