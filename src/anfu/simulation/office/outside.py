"""Who is outside: the bank that keeps the reserve account, and a merchant's own server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from anfu.channels.banks.simulator import BankSimulator
from anfu.channels.sandbox.network import server_config
from anfu.simulation.processes import HOST

HOOKS = "/hooks"
_ACCOUNT = "演示支付有限公司备付金,11010140000000000017,309391000011"


@dataclass(frozen=True, slots=True)
class Outside:
    """One server on a port of this machine; `key` is the bank's."""

    port: int
    key: Ed25519PrivateKey

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def settings(self) -> dict[str, str]:
        """What the installation is told of the bank."""
        public = self.key.public_key().public_bytes_raw().hex()
        return {"ANFU_BANK_URL": f"{self.url}#{public}", "ANFU_RESERVE_ACCOUNT": _ACCOUNT}


class _Quiet(uvicorn.Server):
    """Signals are the command's to hear, not the server's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(outside: Outside, bank: BankSimulator) -> AsyncIterator[None]:
    """The bank, and a server that takes every webhook, for the length of the block."""
    routes = [Route(HOOKS, _taken, methods=["POST"]), Mount("/", bank.app)]
    server = _Quiet(server_config(Starlette(routes=routes), HOST, outside.port))
    task = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await task


async def _taken(_request: Request) -> Response:
    return Response(status_code=204)
