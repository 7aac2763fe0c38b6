"""The `anfu` command: reads the environment, then hands over to the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib.metadata import version

from anfu.app.installation import open_installation
from anfu.app.keys import load_keys
from anfu.app.settings import read_settings
from anfu.entrypoints.cli.commands import run
from anfu.entrypoints.cli.wiring import Wiring
from anfu.kernel.errors import Refused
from anfu.kernel.ids import SystemEntropy


def main() -> None:
    """Run one command."""
    try:
        wiring = _wire(dict(os.environ))
    except Refused as refusal:
        sys.exit(f"anfu: {refusal}: {dict(refusal.details)}")
    run(wiring)


def _wire(environment: Mapping[str, str]) -> Wiring:
    settings, release = read_settings(environment), version("anfu")
    return Wiring(
        open=lambda: open_installation(settings, release),
        network=lambda: (
            load_keys(settings.home, origin=settings.origin, entropy=SystemEntropy()).network
        ),
        within=_wire,
        home=settings.home,
        environment=dict(environment),
        version=release,
    )
