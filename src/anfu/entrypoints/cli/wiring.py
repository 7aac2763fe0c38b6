"""What the commands are handed by `app`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from anfu.channels.sandbox.messages import Identity
from anfu.evidence.signer import Signer
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Refused
from anfu.parties.keyring import KeyRing
from anfu.payments.tools import Tools
from anfu.storage.database import Database
from anfu.storage.embedded import EmbeddedServer
from anfu.storage.valkey import Address


@dataclass(frozen=True, slots=True, repr=False)
class Running:
    """An installation put together: tools over an open, migrated database. `server` is None when
    the database is the operator's own."""

    tools: Tools
    clock: Clock
    signer: Signer
    server: EmbeddedServer | None
    database_url: str
    version: str


@dataclass(frozen=True, slots=True, repr=False)
class Store:
    """The database, who signs its evidence and what its secrets are sealed with, without the
    instruments of the rooms: open in a moment, however much was decided before."""

    database: Database
    clock: Clock
    signer: Signer
    ring: KeyRing
    server: EmbeddedServer | None
    database_url: str


@dataclass(frozen=True, slots=True)
class KeyFile:
    """`problem` is None or one of key_file_missing, key_file_open, key_file_invalid,
    key_file_unreadable."""

    path: Path
    problem: str | None


@dataclass(frozen=True, slots=True)
class NetworkFiles:
    """The file of ANFU_CHANNELS and what it names. `open`: others may read it; `problems`: what a
    start would be refused by, one of each channel; `valid_until`: certificates by their file, or by
    the folder of the network's."""

    file: Path
    open: bool
    channels: Sequence[str]
    problems: Sequence[Refused]
    valid_until: Mapping[Path, datetime]


@dataclass(frozen=True, slots=True, repr=False)
class Pieces:
    """What an installation is made of, to be looked at one by one: nothing is made, migrated or
    started. `database_url` is None for the embedded server, which lives in `postgres`; `profiles`
    is None for profiles in process; `networks` is None for no network but the sandbox."""

    database_url: str | None
    postgres: Path
    sandbox_url: str | None
    development: bool
    accept_history: bool
    key_files: Sequence[KeyFile]
    profiles: Address | None = None
    networks: NetworkFiles | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Wiring:
    """`open` puts an installation together for the length of a block, `store` only its database.
    `pieces` shows it in pieces, for who must say which of them is broken. `signer` and `network`
    are the log's key and the sandbox network's end of the line. `within` is the wiring for another
    environment: the installation of a demo or a test of load. `change_ring` writes the key ring
    that a function makes of the present one, and nobody else meanwhile. Each raises Refused as
    `read_settings` does. `offline` is the Spark master, None for DuckDB."""

    open: Callable[[], AbstractAsyncContextManager[Running]]
    store: Callable[[], AbstractAsyncContextManager[Store]]
    pieces: Callable[[], Pieces]
    signer: Callable[[], Signer]
    network: Callable[[], Identity]
    within: Callable[[Mapping[str, str]], Wiring]
    change_ring: Callable[[Callable[[KeyRing], KeyRing]], KeyRing]
    home: Path
    environment: dict[str, str]
    version: str
    offline: str | None = None
    log_level: str = "WARNING"
