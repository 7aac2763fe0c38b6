"""The program that looks at a foreign model, in a process of its own that may be lost.

In: the declaration's length (8 bytes, big-endian), the declaration, the ONNX bytes. Out: one JSON
object, `{}` for a model that may be kept or `{"code": ..., "details": ...}`. Numbered as they are
tried: 1 the process shuts itself in: memory, processor time, no file may be written; 2 the bytes
are an ONNX model; 3 no weights outside it, no functions of its own; 4 opset and operators; 5 ONNX
Runtime loads it; 6 one float matrix in, the declared output out; 7 it runs on the batches of the
probe; 8 a row's score does not depend on the rows beside it or on chance; 9 it is quick enough.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx

from anfu.kernel.errors import Refused
from anfu.risk.models.calibration import Scores
from anfu.risk.models.matrix import Matrix
from anfu.risk.models.model import ROW_US_MAX, Declaration, Scale, read_declaration
from anfu.risk.models.operators import (
    ML_DOMAIN,
    ML_OPSETS,
    OPERATORS,
    OPSETS,
    PLAIN_DOMAINS,
)
from anfu.risk.models.serving import as_column, open_session

MEMORY_MAX = 2 << 30
PROCESSOR_S = 30
_BATCH, _BATCHES = 64, 32
_CLOSE = 1e-4


def main() -> None:
    """Look at the model on standard input."""
    confine()
    given = sys.stdin.buffer.read()
    length = int.from_bytes(given[:8], "big")
    body, model = given[8 : 8 + length], given[8 + length :]
    said: dict[str, Any] = {}
    try:
        probe(read_declaration(body), model)
    except Refused as refusal:
        said = {"code": refusal.code, "details": dict(refusal.details)}
    except MemoryError:
        said = {"code": "model_costly", "details": {}}
    sys.stdout.write(json.dumps(said))


def confine() -> None:
    """1. What this process may use."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_MAX),
        (resource.RLIMIT_CPU, PROCESSOR_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most + 1))


def probe(declaration: Declaration, model: bytes) -> None:
    """Raises Refused for a model that may not be kept."""
    read = read_model(model)
    check_operators(read)
    try:
        onnx.checker.check_model(model, full_check=False)
    except (onnx.checker.ValidationError, ValueError) as error:
        raise _unreadable(error) from None
    try:
        session = open_session(model)  # 5
    except Exception as error:
        raise _unreadable(error) from None
    inputs, outputs = session.get_inputs(), session.get_outputs()
    width = len(declaration.columns)
    shape = inputs[0].shape if len(inputs) == 1 else []
    fits = len(shape) == 2 and shape[1] == width and not isinstance(shape[0], int)
    if not fits or inputs[0].type != "tensor(float)":  # 6
        raise Refused("model_shape_invalid", field="onnx", columns=width)
    if declaration.output not in {output.name for output in outputs}:
        names = ", ".join(output.name for output in outputs)
        raise _bad_output(f"there are {names}")

    def run(matrix: Matrix) -> Scores:
        given = session.run([declaration.output], {inputs[0].name: matrix})[0]
        return as_column(given, len(matrix))

    check_scores(declaration, run)


def read_model(model: bytes) -> onnx.ModelProto:
    """2 and 3. Raises Refused: model_unreadable, model_external_data, model_operator_refused."""
    try:
        read = onnx.load_model_from_string(model)
    except Exception as error:  # of the protobuf library, which has kinds of its own
        raise _unreadable(error) from None
    if any(_is_outside(tensor) for tensor in tensors(read)):
        raise Refused("model_external_data", field="onnx")
    if read.functions or read.training_info or read.graph.sparse_initializer:
        raise Refused("model_operator_refused", field="onnx", operator="functions of its own")
    return read


def tensors(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    """Every tensor that is kept in the model, in initializers and attributes."""
    yield from model.graph.initializer
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors


def check_operators(model: onnx.ModelProto) -> None:
    """4. Raises Refused: model_opset_refused, model_operator_refused."""
    for given in model.opset_import:
        known = {**dict.fromkeys(PLAIN_DOMAINS, OPSETS), ML_DOMAIN: ML_OPSETS}.get(given.domain)
        if known is None or given.version not in known:
            name = f"{given.domain or 'ai.onnx'} {given.version}"
            raise Refused("model_opset_refused", field="onnx", opset=name)
    for node in model.graph.node:
        domain = "" if node.domain in PLAIN_DOMAINS else node.domain
        inner = any(a.HasField("g") or a.graphs for a in node.attribute)
        if node.op_type not in OPERATORS.get(domain, ()) or inner:
            raise Refused("model_operator_refused", field="onnx", operator=node.op_type[:80])


def check_scores(declaration: Declaration, run: Any) -> None:
    """7, 8 and 9. Raises Refused: model_output_invalid, model_not_repeatable; the process is ended
    by SIGPROF when the model is too slow."""
    batches = list(probing(len(declaration.columns)))
    try:
        together = run(batches[0])
        alone = np.concatenate([run(batches[0][i : i + 1]) for i in range(_BATCH)])
        backwards = run(batches[0][::-1].copy())[::-1]
    except Exception as error:
        raise _bad_output(str(error)[:200]) from None
    for again in (alone, backwards):
        if not np.allclose(together, again, rtol=_CLOSE, atol=_CLOSE, equal_nan=True):
            raise Refused("model_not_repeatable", field="onnx")
    if not np.isfinite(together).any():
        raise _bad_output("no number in any row")
    known = together[np.isfinite(together)]
    bounded = declaration.calibration.scale is not Scale.KNOTS
    if bounded and (known.min() < 0 or known.max() > 1):
        raise _bad_output("not from 0 to 1")
    signal.setitimer(signal.ITIMER_PROF, ROW_US_MAX * 1e-6 * _BATCH * _BATCHES)
    for batch in batches:
        run(batch)
    signal.setitimer(signal.ITIMER_PROF, 0)


def probing(width: int) -> Iterator[Matrix]:
    """Batches of distinct rows: small and large numbers, zeros and NULLs; always the same."""
    source = np.random.default_rng(0)
    for _ in range(_BATCHES):
        scale = 10.0 ** source.integers(-2, 7, size=(_BATCH, width))
        made = (source.standard_normal((_BATCH, width)) * scale).astype(np.float32)
        made[source.random(made.shape) < 0.1] = 0
        made[source.random(made.shape) < 0.1] = np.nan
        made[: _BATCH // 2] = np.nan_to_num(made[: _BATCH // 2])
        yield made


def _is_outside(tensor: onnx.TensorProto) -> bool:
    return bool(tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data)


def _unreadable(error: BaseException) -> Refused:
    if isinstance(error, MemoryError) or "alloc" in str(error):
        return Refused("model_costly", field="onnx")
    return Refused("model_unreadable", field="onnx", problem=str(error)[:200])


def _bad_output(problem: str) -> Refused:
    return Refused("model_output_invalid", field="declaration.output", problem=problem)


if __name__ == "__main__":
    main()
