"""The line to Valkey: one server, or a cluster; batches of commands, one round trip each.

Addresses: `valkey://host:port`, `valkeys://host:port` for TLS, `valkey+cluster://a:port,b:port` and
`valkeys+cluster://...`, each with `user:password@` before the host where there is one. The
password is never shown: not by `repr`, not by an error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from valkey.asyncio import Valkey
from valkey.asyncio.cluster import ClusterNode, ValkeyCluster
from valkey.asyncio.retry import Retry
from valkey.backoff import NoBackoff
from valkey.exceptions import NoScriptError, ValkeyError

from anfu.kernel.errors import Outcome, OutsideFailure, Refused

Command = tuple[Any, ...]
_SCHEMES = {"valkey": (False, False), "valkeys": (False, True),
            "valkey+cluster": (True, False), "valkeys+cluster": (True, True)}  # fmt: skip
_PORT = 6379


@dataclass(frozen=True, slots=True)
class Address:
    """Where Valkey is. Of one server, or of some nodes of a cluster, which name the others."""

    nodes: tuple[tuple[str, int], ...]
    cluster: bool
    tls: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return ",".join(f"{host}:{port}" for host, port in self.nodes)


def read_address(url: str) -> Address:
    """Raises Refused(setting_invalid) for what is no address; the refusal does not quote it."""
    scheme, _, rest = url.partition("://")
    who, _, where = rest.rpartition("@")
    try:
        cluster, tls = _SCHEMES[scheme]
        nodes = tuple(_node(part) for part in where.rstrip("/").split(","))
    except (KeyError, ValueError):
        raise _invalid() from None
    if len(nodes) > 1 and not cluster:
        raise _invalid()
    user, _, password = who.partition(":")
    return Address(nodes, cluster, tls, unquote(user) or None, unquote(password) or None)


def _invalid() -> Refused:
    return Refused(
        "setting_invalid",
        field="ANFU_PROFILES_URL",
        allowed=[f"{scheme}://host:port" for scheme in _SCHEMES],
    )


def _node(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.path or parts.query or parts.fragment:
        raise ValueError("a node is host:port")
    return parts.hostname, parts.port or _PORT


class Line:
    """Connections to Valkey. A command is tried once: who sends it knows what a second time would
    do."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._client = _cluster(address) if address.cluster else _single(address)

    async def run(self, commands: Sequence[Command], *, limit_s: float) -> list[Any]:
        """Their answers, in their order; one round trip, to each node of a cluster one beside the
        other. One server carries them all out with nothing in between.

        Raises OutsideFailure(UNKNOWN) when it takes longer, the line breaks, or any of them fails;
        each may then have been carried out or not.
        """
        try:
            async with asyncio.timeout(limit_s):
                pipe: Any = self._client.pipeline(**self._options)
                for command in commands:
                    pipe.execute_command(*command)
                answers: list[Any] = await pipe.execute(raise_on_error=False)
        except (TimeoutError, OSError, ValkeyError) as error:
            raise OutsideFailure(Outcome.UNKNOWN, f"Valkey: {type(error).__name__}") from None
        failed = [answer for answer in answers if isinstance(answer, Exception)]
        if failed:
            raise OutsideFailure(Outcome.UNKNOWN, _reason(failed))
        return answers

    async def load(self, script: str, *, limit_s: float) -> None:
        """Make a script known to every node. Raises OutsideFailure."""
        try:
            async with asyncio.timeout(limit_s):
                await self._client.script_load(script)
        except (TimeoutError, OSError, ValkeyError) as error:
            raise OutsideFailure(Outcome.NOT_DONE, f"Valkey: {type(error).__name__}") from None

    async def sweep(self, names: str, kept: str, *, limit_s: float) -> None:
        """Let go of every key that is like `names` and does not begin with `kept`. `limit_s` is for
        each step. Raises OutsideFailure."""
        gone: list[bytes] = []
        try:
            async for name in self._client.scan_iter(match=names, count=1_000):
                if not name.startswith(kept.encode()):
                    gone.append(name)
        except (OSError, ValkeyError) as error:
            raise OutsideFailure(Outcome.NOT_DONE, f"Valkey: {type(error).__name__}") from None
        for at in range(0, len(gone), 1_000):
            await self.run([("UNLINK", n) for n in gone[at : at + 1_000]], limit_s=limit_s)

    async def aclose(self) -> None:
        """Hang up."""
        await self._client.aclose()

    @property
    def _options(self) -> dict[str, bool]:
        return {} if self.address.cluster else {"transaction": True}


UNSCRIPTED = "the script is not known"


def _reason(failed: Sequence[Exception]) -> str:
    if any(isinstance(error, NoScriptError) for error in failed):
        return UNSCRIPTED
    return f"Valkey: {type(failed[0]).__name__}"


def _single(address: Address) -> Any:
    [(host, port)] = address.nodes
    return Valkey(host=host, port=port, **_options(address))


def _cluster(address: Address) -> Any:
    nodes = [ClusterNode(host, port) for host, port in address.nodes]
    return ValkeyCluster(
        startup_nodes=nodes,
        cluster_error_retry_attempts=1,
        connection_error_retry_attempts=1,
        **_options(address),
    )


def _options(address: Address) -> dict[str, Any]:
    return {
        "username": address.user,
        "password": address.password,
        "ssl": address.tls,
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": None,
        "ssl_check_hostname": address.tls,
    }
