"""What the commands are handed by `app`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from anfu.channels.sandbox.messages import Identity
from anfu.evidence.signer import Signer
from anfu.kernel.clock import Clock
from anfu.payments.tools import Tools
from anfu.storage.embedded import EmbeddedServer


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
class Wiring:
    """`open` puts an installation together for the length of a block. `network` is the sandbox
    network's end of the line. `within` is the wiring for another environment: the installation of
    a demo or a test of load. It raises Refused as `read_settings` does."""

    open: Callable[[], AbstractAsyncContextManager[Running]]
    network: Callable[[], Identity]
    within: Callable[[Mapping[str, str]], Wiring]
    home: Path
    environment: dict[str, str]
    version: str
