"""Models of the demo: trained on an economy of their own while people look round already, brought
by one person and made a challenger by two; that one shall be champion waits for an approver."""

from __future__ import annotations

import asyncio
import base64
import sys
from asyncio.subprocess import PIPE
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from anfu.simulation.office.days import Town
from anfu.simulation.processes import ENDS_WITH_PARENT
from anfu.simulation.world import Size, make_world

# Two months of few people, among whom frauds are so frequent that there are enough of them.
_PAYMENTS, _PAYERS, _ATTACK = 12_000, 60, 0.03
_START = datetime(2026, 2, 28, 16, tzinfo=UTC)
_WARM_DAYS = 7
_SCORED = 60
PROGRAM = f"""{ENDS_WITH_PARENT}
import sys
from anfu.entrypoints.cli.demo_models import teach
teach(sys.argv[1])
"""


async def bring_models(town: Town, folder: Path) -> bool:
    """Whether there are models now; not without the packages of the lab. Raises OutsideFailure."""
    if not await _taught(folder):
        return False
    path = ""
    for name in ("simulated_anomaly", "simulated"):
        made = await town.post("/v1/models", _form(folder, name))
        path = f"/v1/models/{made['id']}/moves"
        moved = await town.post(path, {"to": "CHALLENGER"})
        await town.agree(f"/v1/proposals/{moved['id']}")
    await town.sell(_SCORED)
    await town.post(path, {"to": "CHAMPION", "label_delay_days": 0})
    return True


def teach(folder: str) -> None:
    """Train in a process of its own, which the demo can end, and leave models in `folder`."""
    # The lab's packages are heavy and optional.
    from anfu.entrypoints.cli.simulate_training import trained_on  # noqa: PLC0415
    from anfu.entrypoints.cli.train import write_model  # noqa: PLC0415

    world = make_world(8, Size(_PAYERS, mules=30, shells=3), start=_START, attack=_ATTACK)
    learning = trained_on(world, _PAYMENTS, warm_days=_WARM_DAYS, note=lambda _: None)
    for trained in asyncio.run(learning):
        write_model(trained, Path(folder))


async def _taught(folder: Path) -> bool:
    with (folder.parent / "logs" / "train.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROGRAM, str(folder), stdin=PIPE, stdout=log, stderr=log
        )
    try:
        return await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _form(folder: Path, name: str) -> dict[str, object]:
    def read(kind: str) -> object:
        return msgspec.json.decode((folder / f"{name}.{kind}").read_bytes())

    onnx = base64.b64encode((folder / f"{name}.onnx").read_bytes()).decode()
    return {"declaration": read("json"), "onnx": onnx, "figures": read("figures.json"),
            "reference": read("reference.json")}  # fmt: skip
