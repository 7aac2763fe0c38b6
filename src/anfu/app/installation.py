"""An installation put together: keys, database, rooms."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

from anfu.app.keys import Keys
from anfu.app.lines import Line
from anfu.app.networks import Line as NetworkLine
from anfu.app.networks import Means, check_routes, open_lines, read_plan, with_sandbox
from anfu.app.settings import Settings, SignOnSettings
from anfu.authentication.passkey import RelyingParty
from anfu.channels.banks.client import HttpBank
from anfu.channels.banks.port import ReserveAccount
from anfu.channels.faces.client import HttpFaceFirm
from anfu.channels.faces.port import FaceFirm
from anfu.channels.notices.sender import check_targets
from anfu.channels.notices.target import read_targets
from anfu.channels.oidc.provider import Client, IdentityProvider
from anfu.channels.registries.client import HttpRegistry
from anfu.channels.registries.port import Registry
from anfu.channels.signed import SignedLine
from anfu.channels.texts.gateway import TextGateway
from anfu.entrypoints.cli.wiring import Running, Store
from anfu.kernel.clock import Clock, MovableClock, SystemClock
from anfu.kernel.errors import OutsideFailure, Refused
from anfu.kernel.ids import SystemEntropy
from anfu.ledger.operations import open_accounts
from anfu.limits.rulebook import shipped_rules
from anfu.parties.keyring import Sealer
from anfu.payments.fund import institution_accounts
from anfu.payments.tools import Policy, SignOn, Tools
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.engine import Engine, NoProfiles
from anfu.risk.graph.graph import LinkGraph
from anfu.risk.lists.follow import ListFollower, load
from anfu.risk.lists.matching import Book
from anfu.risk.models.follow import follow as follow_models
from anfu.risk.models.serving import Serving
from anfu.risk.operations import publish
from anfu.risk.profiles import Profiles
from anfu.risk.queries import get_rule_set
from anfu.risk.rebuild import rebuild
from anfu.risk.rules import default_rule_set
from anfu.risk.ruling.operations import begin
from anfu.risk.ruling.queries import find_step
from anfu.risk.shared.restore import restore
from anfu.risk.shared.store import SharedProfiles
from anfu.risk.signals.location import Locations, Locator
from anfu.storage.clock import follow as follow_clock
from anfu.storage.database import Database, open_database
from anfu.storage.embedded import EmbeddedServer, running_pid
from anfu.storage.migrate import migrate
from anfu.storage.transaction import Tx
from anfu.storage.valkey import Address
from anfu.storage.valkey import Line as ValkeyLine

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
        clock = await _clock(settings, database)
        yield Store(database, clock, keys.signer, keys.ring, server, url)


async def _clock(settings: Settings, database: Database) -> Clock:
    """The machine's clock; in a trial installation the test clock, where it was left. Raises
    Refused(test_clock_moved): what was written under a moved clock lies in the future of any
    other."""
    clock = MovableClock(SystemClock())
    await follow_clock(database, clock)
    if settings.accept_history or settings.development:
        return clock
    if clock.ahead:
        raise Refused("test_clock_moved", ahead=str(clock.ahead))
    return SystemClock()


@asynccontextmanager
async def open_installation(settings: Settings, keys: Keys, version: str) -> AsyncIterator[Running]:
    """Everything a process of this installation works with, for the length of the block."""
    # The other end of a line has a clock of its own, which nobody moves.
    entropy, wire = SystemEntropy(), SystemClock()
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings, keys))
        plan = read_plan(settings.channels)
        means = Means(wire, entropy, keys.sandbox)
        lines = open_lines(with_sandbox(plan, settings.sandbox_url), means)
        for close in (close for line in lines.values() for close in line.closes):
            stack.push_async_callback(close)
        check_routes(plan, lines)
        sign_on = None
        if settings.sign_on is not None:
            sign_on = _sign_on(settings.sign_on, settings.console_origin, wire)
            stack.push_async_callback(sign_on.provider.aclose)
        profiles = None
        if settings.profiles is not None:
            profiles = await _shared(settings.profiles, store, stack)
        tools = await _tools(settings, keys, store, lines, profiles)
        tools = replace(
            tools,
            texts=_texts(settings, keys, store, stack),
            faces=_faces(settings, keys, store, stack),
            reserve=_reserve(settings, keys, store, stack),
            registries=_registries(settings, keys, store, stack),
            locator=_locator(settings, stack),
            sign_on=sign_on,
            routes=plan.routes,
            renewals={name: one.renew for name, one in lines.items() if one.renew is not None},
            bills={name: one.bills for name, one in lines.items()},
        )
        url, server = store.database_url, store.server
        yield Running(tools, store.clock, keys.signer, server, url, version)


def _texts(
    settings: Settings, keys: Keys, store: Store, stack: AsyncExitStack
) -> TextGateway | None:
    line = settings.texts
    return None if line is None else TextGateway(_signed(line, "texts", keys, store, stack))


def _signed(line: Line, peer: str, keys: Keys, store: Store, stack: AsyncExitStack) -> SignedLine:
    identity = line.identity(peer, keys.outside)
    made = SignedLine(line.url, identity, clock=SystemClock(), entropy=SystemEntropy())
    stack.push_async_callback(made.aclose)
    return made


def _faces(settings: Settings, keys: Keys, store: Store, stack: AsyncExitStack) -> FaceFirm | None:
    line = settings.faces
    return None if line is None else HttpFaceFirm(_signed(line, "faces", keys, store, stack))


def _reserve(
    settings: Settings, keys: Keys, store: Store, stack: AsyncExitStack
) -> ReserveAccount | None:
    if settings.bank is None:
        return None
    line, account = settings.bank
    return ReserveAccount(HttpBank(_signed(line, "bank", keys, store, stack)), account)


def _registries(
    settings: Settings, keys: Keys, store: Store, stack: AsyncExitStack
) -> dict[str, Registry]:
    return {
        kind: HttpRegistry(_signed(line, "registry", keys, store, stack))
        for kind, line in settings.registries.items()
    }


def _locator(settings: Settings, stack: AsyncExitStack) -> Locator | None:
    if settings.locations is None:
        return None
    locations = Locations(settings.locations)
    stack.callback(locations.close)
    return locations


async def _tools(
    settings: Settings,
    keys: Keys,
    store: Store,
    lines: Mapping[str, NetworkLine],
    profiles: SharedProfiles | None,
) -> Tools:
    entropy, database, now = SystemEntropy(), store.database, store.clock.now()
    notices = read_targets(settings.notice_urls, partial(keys.ring.blind_index, "notice"))
    check_targets(notices)
    book = Book(keys.ring.blind_index)
    engine = await _engine(database, book, profiles)
    tools = Tools(
        database=database,
        channels={name: line.channel for name, line in lines.items()},
        readers={name: line.reader for name, line in lines.items()},
        engine=engine,
        lists=ListFollower(database, engine, book),
        rules=shipped_rules(),
        sealer=Sealer(keys.ring, entropy),
        entropy=entropy,
        notices=notices,
        challenge_key=keys.challenge,
        policy=Policy(
            currencies=settings.currencies,
            accept_history=settings.accept_history,
            development=settings.development,
            party=_party(settings.checkout_origin),
            console=_party(settings.console_origin),
            proxies=settings.proxies,
            request_log=settings.request_log,
            payer_code_prefix=settings.payer_code_prefix,
        ),
    )

    async def prepare(tx: Tx) -> None:
        await publish(tx, catalogue=engine.catalogue, rule_set=default_rule_set())
        await begin(tx, rule_set=default_rule_set(), now=now)
        await publish(tx, catalogue=engine.catalogue, rule_set=engine.rule_set)
        for currency in sorted(settings.currencies):
            accounts = institution_accounts(currency, sorted({"sandbox", *lines}))
            await open_accounts(tx, accounts=accounts, now=now)

    await database.run(prepare)
    return tools


def _sign_on(settings: SignOnSettings, origin: str, clock: Clock) -> SignOn:
    client = Client(settings.issuer, settings.client, f"{origin}/console/sign-on", settings.secret)
    return SignOn(IdentityProvider(client, clock=clock), settings.acr, settings.roles)


def _party(origin: str) -> RelyingParty:
    return RelyingParty(urlsplit(origin).hostname or "", "Anfu 安付", (origin,))


async def _engine(database: Database, book: Book, store: SharedProfiles | None) -> Engine:
    """The engine with its profiles and its graph as they were when the last process ended."""
    serving = Serving(CATALOGUE)
    await load(database, book)
    async with database.transaction(readonly=True) as tx:
        step = await find_step(tx)
        rule_set = default_rule_set() if step is None else await get_rule_set(tx, step.rule_set)
        # Shared profiles know already what the graph, which is this process's own, has to learn.
        profiles = Profiles(CATALOGUE) if store is None else NoProfiles(CATALOGUE)
        engine = Engine(
            CATALOGUE, rule_set, profiles, lists=book, graph=LinkGraph(), models=serving
        )
        await rebuild(tx, engine)
    if store is not None:
        engine.profiles = store
    await follow_models(database, serving)
    return engine


async def _shared(address: Address, store: Store, stack: AsyncExitStack) -> SharedProfiles:
    """The profiles in Valkey, in force before anything is decided if Valkey answers."""
    line, entropy = ValkeyLine(address), SystemEntropy()
    stack.push_async_callback(line.aclose)
    profiles = SharedProfiles(CATALOGUE, line, name=entropy.bytes(8).hex())

    async def keep() -> None:
        name, now = entropy.bytes(8).hex(), store.clock.now()
        count = await restore(store.database, profiles, line, name=name, now=now)
        if count is not None:
            log.warning("profiles were not in Valkey: restored from %d events and labels", count)

    async def keep_on() -> None:
        while True:
            await asyncio.sleep(0.5)
            try:
                if profiles.lost:
                    await keep()
                await profiles.settle()
            except Exception:
                log.exception("profiles cannot be restored")

    await keep()
    stack.push_async_callback(_cancel, asyncio.create_task(keep_on()))
    return profiles


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
