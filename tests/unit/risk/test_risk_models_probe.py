"""What a foreign model may be made of, and each attack by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper
from tests.onnx_models import declared, logistic, model_of, passing

from anfu.kernel.errors import Refused
from anfu.risk.models.model import Calibration, Declaration, Scale
from anfu.risk.models.probe import probe

ANY = Calibration(Scale.KNOTS, (-1.0, 1.0), (0.0, 1.0))


def refusal_of(onnx: bytes, declaration: Declaration | None = None) -> Refused:
    with pytest.raises(Refused) as refused:
        probe(declaration or declared(onnx, "amount", calibration=ANY), onnx)
    return refused.value


def made(*nodes: Any, weights: dict[str, Any] | None = None, **more: Any) -> bytes:
    return bytes(model_of(nodes, width=1, weights=weights, **more).SerializeToString())


def node(kind: str, inputs: Sequence[str], outputs: Sequence[str], **more: Any) -> Any:
    return helper.make_node(kind, inputs, outputs, **more)


def test_a_good_model_is_let_through() -> None:
    onnx = logistic([0.001, 0.2])
    probe(declared(onnx, "amount", "hour"), onnx)


@pytest.mark.parametrize("junk", [b"", b"\x00" * 100, b"<html>", b"\x08\x08" + b"\xff" * 50])
def test_bytes_that_are_no_model_are_refused(junk: bytes) -> None:
    assert refusal_of(junk).code == "model_unreadable"


def test_a_model_cut_short_is_refused() -> None:
    assert refusal_of(passing()[:-20]).code == "model_unreadable"


@pytest.mark.parametrize("location", ["../../../../etc/passwd", "/etc/passwd", "weights.bin"])
def test_weights_in_a_file_beside_the_model_are_refused(
    location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "weights.bin").write_bytes(np.ones(1, np.float32).tobytes())
    monkeypatch.chdir(tmp_path)
    model = ModelProto.FromString(made(node("Add", ["x", "w"], ["score"]), weights={"w": [1.0]}))
    tensor = model.graph.initializer[0]
    tensor.ClearField("double_data")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    assert refusal_of(model.SerializeToString()).code == "model_external_data"


def test_weights_in_a_file_named_by_a_constant_are_refused() -> None:
    value = numpy_helper.from_array(np.ones(1, np.float32))
    value.ClearField("raw_data")
    value.data_location = TensorProto.EXTERNAL
    value.external_data.add(key="location", value="/etc/passwd")
    constant = node("Constant", [], ["w"], value=value)
    onnx = made(constant, node("Add", ["x", "w"], ["score"]))
    assert refusal_of(onnx).code == "model_external_data"


def test_a_loop_that_never_ends_is_refused() -> None:
    body = helper.make_graph(
        [node("Identity", ["go"], ["on"]), node("Identity", ["v"], ["w"])], "body",
        [helper.make_tensor_value_info("i", TensorProto.INT64, []),
         helper.make_tensor_value_info("go", TensorProto.BOOL, []),
         helper.make_tensor_value_info("v", TensorProto.FLOAT, [None, 1])],
        [helper.make_tensor_value_info("on", TensorProto.BOOL, []),
         helper.make_tensor_value_info("w", TensorProto.FLOAT, [None, 1])],
    )  # fmt: skip
    onnx = made(node("Loop", ["", "true", "x"], ["score"], body=body), weights={"true": True})
    refused = refusal_of(onnx)
    assert (refused.code, refused.details) == ("model_operator_refused", {"operator": "Loop"})


@pytest.mark.parametrize(
    ("kind", "inputs", "more"),
    [
        ("RandomNormalLike", ["x"], {}),
        ("Multinomial", ["x"], {}),
        ("If", ["x"], {}),
        ("Scan", ["x"], {}),
        ("StringNormalizer", ["x"], {}),
        ("BatchNormalization", ["x", "x", "x", "x", "x"], {}),
        ("Tile", ["x", "x"], {}),
        ("Abs", ["x"], {"domain": "com.evil"}),
    ],
)
def test_an_operator_outside_the_list_is_refused(
    kind: str, inputs: list[str], more: dict[str, Any]
) -> None:
    refused = refusal_of(made(node(kind, inputs, ["score"], **more)))
    assert (refused.code, refused.details["operator"]) == ("model_operator_refused", kind)


@pytest.mark.parametrize(("domain", "version"), [("", 6), ("", 99), ("com.microsoft", 1)])
def test_an_opset_that_is_not_served_is_refused(domain: str, version: int) -> None:
    model = ModelProto.FromString(passing())
    del model.opset_import[:]
    model.opset_import.extend([helper.make_opsetid("", 15), helper.make_opsetid(domain, version)])
    assert refusal_of(model.SerializeToString()).code == "model_opset_refused"


def test_a_function_of_its_own_is_refused() -> None:
    model = ModelProto.FromString(passing())
    opset = [helper.make_opsetid("", 15)]
    body = [node("Abs", ["a"], ["b"])]
    model.functions.append(helper.make_function("mine", "f", ["a"], ["b"], body, opset))
    assert refusal_of(model.SerializeToString()).code == "model_operator_refused"


def test_another_number_of_columns_than_declared_is_refused() -> None:
    onnx = logistic([1.0, 1.0, 1.0])
    refused = refusal_of(onnx, declared(onnx, "amount", "hour"))
    assert (refused.code, refused.details) == ("model_shape_invalid", {"columns": 2})


def test_an_output_that_is_not_there_is_refused_with_those_that_are() -> None:
    onnx = made(node("Abs", ["x"], ["other"]), outputs=[
        helper.make_tensor_value_info("other", TensorProto.FLOAT, [None, 1])])  # fmt: skip
    refused = refusal_of(onnx)
    assert (refused.code, refused.details["problem"]) == ("model_output_invalid", "there are other")


@pytest.mark.parametrize(
    ("nodes", "kind", "shape"),
    [
        ([node("Cast", ["x"], ["score"], to=TensorProto.INT64)], TensorProto.INT64, [None, 1]),
        ([node("Concat", ["x", "x", "x"], ["score"], axis=1)], TensorProto.FLOAT, [None, 3]),
        ([node("Shape", ["x"], ["score"])], TensorProto.INT64, [2]),
        ([node("Sub", ["x", "x"], ["nil"]), node("Div", ["nil", "nil"], ["score"])],
         TensorProto.FLOAT, [None, 1]),
    ],
    ids=["whole numbers", "three columns", "no row", "nothing but not-a-number"],
)  # fmt: skip
def test_an_output_that_is_no_score_is_refused(nodes: list[Any], kind: int, shape: Any) -> None:
    output = helper.make_tensor_value_info("score", kind, shape)
    assert refusal_of(made(*nodes, outputs=[output])).code == "model_output_invalid"


def test_scores_beyond_0_and_1_need_knots() -> None:
    onnx = passing()
    refused = refusal_of(onnx, declared(onnx, "amount"))
    assert refused.details["problem"] == "not from 0 to 1"
    probe(declared(onnx, "amount", calibration=ANY), onnx)


def test_a_score_that_depends_on_the_rows_beside_it_is_refused() -> None:
    onnx = made(node("ReduceMax", ["x"], ["top"], axes=[0]), node("Sub", ["x", "top"], ["score"]))
    assert refusal_of(onnx).code == "model_not_repeatable"
