"""A foreign model is tried in a process of its own, which may be lost."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import helper
from tests.onnx_models import declared, logistic, model_of, passing

from anfu.kernel.errors import Refused
from anfu.risk.models.examine import examine
from anfu.risk.models.model import SIZE_MAX, Calibration, Declaration, Scale

ANY = Calibration(Scale.KNOTS, (-1.0, 1.0), (0.0, 1.0))


async def refusal_of(onnx: bytes, declaration: Declaration | None = None) -> Refused:
    with pytest.raises(Refused) as refused:
        await examine(declaration or declared(onnx, "amount", calibration=ANY), onnx)
    return refused.value


def made(*nodes: Any, weights: dict[str, Any] | None = None, **more: Any) -> bytes:
    return bytes(model_of(nodes, width=1, weights=weights, **more).SerializeToString())


def node(kind: str, inputs: Sequence[str], outputs: Sequence[str], **more: Any) -> Any:
    return helper.make_node(kind, inputs, outputs, **more)


async def test_a_good_model_is_let_through() -> None:
    onnx = logistic([0.001, 0.2])
    await examine(declared(onnx, "amount", "hour"), onnx)


async def test_what_the_probe_says_is_refused_here() -> None:
    refused = await refusal_of(made(node("If", ["x"], ["score"])))
    assert (refused.code, refused.details) == ("model_operator_refused", {"operator": "If"})


async def test_a_model_that_is_too_large_is_refused_before_it_is_read() -> None:
    assert (await refusal_of(bytes(SIZE_MAX + 1))).code == "model_too_large"


async def test_a_model_that_is_slow_is_stopped_and_refused() -> None:
    weights = {"a": np.ones((1, 1000), np.float32), "b": np.ones((1000, 1000), np.float32),
               "c": np.ones((1000, 1), np.float32)}  # fmt: skip
    nodes = [node("MatMul", ["x", "a"], ["h0"])]
    nodes += [node("MatMul", [f"h{i}", "b"], [f"h{i + 1}"]) for i in range(60)]
    onnx = made(*nodes, node("MatMul", ["h60", "c"], ["m"]), node("Sign", ["m"], ["score"]),
                weights=weights)  # fmt: skip
    started = time.monotonic()
    assert (await refusal_of(onnx)).code == "model_slow"
    assert time.monotonic() - started < 60


async def test_a_model_that_eats_memory_is_stopped_and_refused() -> None:
    weights = {"a": np.ones((1, 1 << 20), np.float32)}
    nodes = [node("MatMul", ["x", "a"], ["h"]), node("Concat", ["h"] * 64, ["j"], axis=1)]
    onnx = made(*nodes, node("ReduceMax", ["j"], ["score"], axes=[1]), weights=weights)
    assert (await refusal_of(onnx)).code in {
        "model_costly",
        "model_output_invalid",
        "model_crashes",
    }


async def test_the_probe_sees_nothing_of_our_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A sitecustomize of the probe's own path writes down what it sees; no file can hold it then,
    since the probe may write none, so it says it by its exit status."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os\nif any(k.startswith('ANFU') for k in os.environ): os._exit(7)\n", "utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(os.environ, "ANFU_DATABASE_URL", "postgresql://secret")
    onnx = passing()
    await examine(declared(onnx, "amount", calibration=ANY), onnx)
