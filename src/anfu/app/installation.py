"""An installation put together: keys, database, rooms."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from anfu.app.keys import Keys
from anfu.app.settings import Settings
from anfu.channels.port import Channel
from anfu.channels.sandbox.client import Link, SandboxChannel
from anfu.channels.sandbox.notices import read_notice
from anfu.entrypoints.cli.wiring import Running, Store
from anfu.kernel.clock import SystemClock
from anfu.kernel.errors import OutsideFailure
from anfu.kernel.ids import SystemEntropy
from anfu.ledger.operations import open_accounts
from anfu.limits.rulebook import shipped_rules
from anfu.parties.keyring import Sealer
from anfu.payments.fund import institution_accounts
from anfu.payments.tools import Policy, Tools
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.engine import Engine
from anfu.risk.models.follow import follow
from anfu.risk.models.serving import Serving
from anfu.risk.operations import publish
from anfu.risk.profiles import Profiles
from anfu.risk.queries import stream_events
from anfu.risk.rules import default_rule_set
from anfu.storage.database import Database, open_database
from anfu.storage.embedded import EmbeddedServer, running_pid
from anfu.storage.migrate import migrate
from anfu.storage.transaction import Tx

log = logging.getLogger(__name__)

CONNECTIONS = 12


@asynccontextmanager
async def open_store(settings: Settings, keys: Keys) -> AsyncIterator[Store]:
    """The database, started if it is ours and migrated, for the length of the block."""
    async with AsyncExitStack() as stack:
        server = None
        url = settings.database_url
        if url is None:
            server = stack.enter_context(EmbeddedServer(settings.postgres))
            url = server.url
        await migrate(url)
        database = await open_database(url, connections=CONNECTIONS)
        stack.push_async_callback(database.close)
        if server is not None:
            stack.push_async_callback(_cancel, asyncio.create_task(_supervise(server)))
        yield Store(database, SystemClock(), keys.signer, server, url)


@asynccontextmanager
async def open_installation(settings: Settings, keys: Keys, version: str) -> AsyncIterator[Running]:
    """Everything a process of this installation works with, for the length of the block."""
    entropy = SystemEntropy()
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings, keys))
        channels: dict[str, Channel] = {}
        if settings.sandbox_url is not None:
            link = Link(settings.sandbox_url)
            sandbox = SandboxChannel(link, keys.sandbox, clock=store.clock, entropy=entropy)
            stack.push_async_callback(sandbox.aclose)
            channels["sandbox"] = sandbox
        tools = await _tools(settings, keys, store.database, channels, entropy)
        url, server = store.database_url, store.server
        yield Running(tools, store.clock, keys.signer, server, url, version)


async def _tools(
    settings: Settings,
    keys: Keys,
    database: Database,
    channels: dict[str, Channel],
    entropy: SystemEntropy,
) -> Tools:
    engine = await _engine(database)
    tools = Tools(
        database=database,
        channels=channels,
        readers={"sandbox": partial(read_notice, keys.sandbox)} if channels else {},
        engine=engine,
        rules=shipped_rules(),
        sealer=Sealer(keys.ring, entropy),
        entropy=entropy,
        challenge_key=keys.challenge,
        policy=Policy(
            currencies=settings.currencies,
            accept_history=settings.accept_history,
            development=settings.development,
        ),
    )
    now = SystemClock().now()

    async def prepare(tx: Tx) -> None:
        await publish(tx, catalogue=engine.catalogue, rule_set=engine.rule_set)
        for currency in sorted(settings.currencies):
            accounts = institution_accounts(currency, ["sandbox"])
            await open_accounts(tx, accounts=accounts, now=now)

    await database.run(prepare)
    return tools


async def _engine(database: Database) -> Engine:
    """The engine with its profiles as they were when the last process ended."""
    profiles = Profiles(CATALOGUE)
    async with database.transaction(readonly=True) as tx:
        async for event in stream_events(tx):
            profiles.learn_one(event)
    serving = Serving(CATALOGUE)
    await follow(database, serving)
    return Engine(CATALOGUE, default_rule_set(), profiles, models=serving)


async def _supervise(server: EmbeddedServer) -> None:
    """Bring the embedded server back whenever it is gone."""
    while True:
        await asyncio.sleep(0.5)
        try:
            if running_pid(server.place) is None:
                await asyncio.to_thread(server.ensure)
        except OutsideFailure as failure:
            log.error("the embedded PostgreSQL: %s", failure.reason)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
