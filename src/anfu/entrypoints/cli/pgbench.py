"""The yardstick: pgbench TPC-B on the same server, in a database of its own."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

from anfu.entrypoints.cli.bench_figures import read_tps
from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.storage.embedded import OWNER, Place

_DATABASE = "yardstick"


@dataclass(frozen=True, slots=True)
class Yardstick:
    """How pgbench is run. `protocol` is one of pgbench's own: simple, extended, prepared."""

    seconds: int = 12
    clients: int = 8
    scale: int = 10
    threads: int = 2
    protocol: str = "simple"


def transactions_per_second(place: Place, yardstick: Yardstick) -> float:
    """What pgbench reaches. Its database is gone afterwards, so that nothing of it is left for
    the server to tidy up. Raises OutsideFailure when a program of it fails."""
    _program(place, "dropdb", "--if-exists", _DATABASE)
    _program(place, "createdb", _DATABASE)
    try:
        _program(place, "pgbench", "--initialize", "--quiet", "--scale", str(yardstick.scale),
                 _DATABASE)  # fmt: skip
        text = _program(
            place, "pgbench", "--client", str(yardstick.clients), "--jobs", str(yardstick.threads),
            "--time", str(yardstick.seconds), "--protocol", yardstick.protocol, _DATABASE,
        )  # fmt: skip
    finally:
        _program(place, "dropdb", "--force", _DATABASE)
    try:
        return read_tps(text)
    except ValueError as error:
        raise OutsideFailure(Outcome.NOT_DONE, f"{error}: {text}") from error


def _program(place: Place, name: str, *arguments: str) -> str:
    where = ["--host", str(place.socket), "--username", OWNER]
    password = place.password_file.read_text("utf-8").strip()
    environment = {"PGPASSWORD": password, "PATH": os.defpath, "LC_ALL": "C"}
    done = subprocess.run(
        [place.programs / "bin" / name, *where, *arguments],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise OutsideFailure(Outcome.NOT_DONE, f"{name}: {done.stderr.strip()}")
    return done.stdout
