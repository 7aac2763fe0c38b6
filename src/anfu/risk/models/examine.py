"""Examine: a model is tried in a process of its own before it is kept.

What comes from outside is loaded there first, with bounded memory, processor time and wall time,
with none of our settings in its environment: a model that crashes, eats memory or never ends takes
nothing of ours with it.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys

from anfu.kernel.errors import Refused
from anfu.risk.models.model import ROW_US_MAX, SIZE_MAX, Declaration

_WALL_S = 90.0
_SLOW = frozenset({signal.SIGPROF, signal.SIGXCPU})
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


async def examine(declaration: Declaration, onnx: bytes) -> None:
    """Raises Refused: model_too_large, model_slow, model_crashes, model_costly, and what the probe
    says: model_unreadable, model_external_data, model_opset_refused, model_operator_refused,
    model_shape_invalid, model_output_invalid, model_not_repeatable."""
    if len(onnx) > SIZE_MAX:
        raise Refused("model_too_large", field="onnx", most=SIZE_MAX)
    body = declaration.body
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "anfu.risk.models.probe",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **_ONE_THREAD},
    )  # fmt: skip
    given = len(body).to_bytes(8, "big") + body + onnx
    try:
        said, _ = await asyncio.wait_for(process.communicate(given), _WALL_S)
    except TimeoutError:
        raise Refused("model_slow", field="onnx", most_us=ROW_US_MAX) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode is not None and -process.returncode in _SLOW:
        raise Refused("model_slow", field="onnx", most_us=ROW_US_MAX)
    if process.returncode != 0:
        raise Refused("model_crashes", field="onnx")
    answer = json.loads(said)
    if answer:
        raise Refused(answer["code"], field="onnx", **answer["details"])
