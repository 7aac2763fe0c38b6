"""The `anfu` command: reads the environment, then hands over to the command line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

from anfu.app.installation import open_installation, open_store
from anfu.app.keys import Keys, change_ring, inspect_keys, load_keys
from anfu.app.network_files import inspect_networks
from anfu.app.settings import Settings, read_settings
from anfu.entrypoints.cli.commands import run
from anfu.entrypoints.cli.wiring import Pieces, Wiring
from anfu.kernel.errors import Refused
from anfu.kernel.ids import SystemEntropy


def main() -> None:
    """Run one command."""
    environment = dict(os.environ)
    try:
        wiring = wire(environment)
    except Refused as refusal:
        wiring = _unwired(environment, refusal)
    run(wiring)


def wire(environment: Mapping[str, str]) -> Wiring:
    """What the commands are handed under these settings. Raises Refused as `read_settings`."""
    settings, release = read_settings(environment), version("anfu")

    def keys() -> Keys:
        return load_keys(settings.home, origin=settings.origin, entropy=SystemEntropy())

    return Wiring(
        open=lambda: open_installation(settings, keys(), release),
        store=lambda: open_store(settings, keys()),
        pieces=lambda: _pieces(settings),
        signer=lambda: keys().signer,
        network=lambda: keys().network,
        within=wire,
        change_ring=lambda change: change_ring(settings.home, change),
        home=settings.home,
        environment=dict(environment),
        version=release,
        offline=settings.offline_url,
        log_level=settings.log_level,
    )


def _pieces(settings: Settings) -> Pieces:
    return Pieces(
        database_url=settings.database_url,
        postgres=settings.postgres,
        sandbox_url=settings.sandbox_url,
        profiles=settings.profiles,
        development=settings.development,
        accept_history=settings.accept_history,
        key_files=inspect_keys(settings.home),
        networks=inspect_networks(settings.channels, settings.sandbox_url),
    )


def _unwired(environment: Mapping[str, str], refusal: Refused) -> Wiring:
    """The wiring of settings that cannot be: what needs them is refused, help and the doctor are
    not."""

    def refuse(_given: object = None) -> NoReturn:
        raise refusal

    return Wiring(
        open=refuse,
        store=refuse,
        pieces=refuse,
        signer=refuse,
        network=refuse,
        within=refuse,
        change_ring=refuse,
        home=Path(environment.get("ANFU_HOME", ".anfu")).absolute(),
        environment=dict(environment),
        version=version("anfu"),
    )
