"""The city in which lives are led: a real database with a few parties, emptied between lives."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.simulation import wechat
from tests.simulation.network import MEMBER
from tests.simulation.restore import RESTORE
from tests.simulation.wechat import Membership, join

from anfu.channels.port import Channel, NoticeReader
from anfu.channels.sandbox.notices import SandboxNotices
from anfu.channels.wechat.notices import WechatNotices
from anfu.evidence.signer import Signer
from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SeededEntropy
from anfu.ledger.operations import open_accounts
from anfu.limits.rulebook import shipped_rules
from anfu.parties import operations as parties
from anfu.parties.customer import NewCustomer
from anfu.parties.keyring import KeyRing, Sealer
from anfu.parties.person import Document, DocumentType, Person, citizen_check
from anfu.payments.deposit import DepositOrder, deposit
from anfu.payments.enrol import enrol_customer, enrol_merchant
from anfu.payments.fund import institution_accounts
from anfu.payments.health import Health
from anfu.payments.route import Route
from anfu.payments.tools import Policy, Tools
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.engine import Engine, NoProfiles
from anfu.risk.lists.follow import ListFollower
from anfu.risk.lists.matching import Book
from anfu.risk.operations import publish
from anfu.risk.rules import Grade, Rule, RuleSet, Thresholds, make_rule_set
from anfu.risk.ruling.operations import begin
from anfu.storage.database import Database, open_database
from anfu.storage.idempotency import Claim
from anfu.storage.transaction import Tx

START = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SIGNER = Signer("anfu.test/log", Ed25519PrivateKey.from_private_bytes(bytes([3]) * 32))
RING = KeyRing.generate(SeededEntropy(2))
LIMITS = shipped_rules()
NETWORKS = ("first", "second")
"""Both take cards, the first for less."""
SOURCE = "office"
"""Who calls: the institution."""


def _rule(name: str, low: int, high: int, grade: Grade) -> Rule:
    condition = f"amount >= {low} AND amount < {high}"
    return Rule(name, condition, grade, 100, name.upper(), name, name)


# Verdicts follow from the amount alone: this simulation is about what comes after them.
RULES: RuleSet = make_rule_set(
    [
        _rule("asked", 40_000, 50_000, Grade.MIDDLE),
        _rule("looked_at", 50_000, 56_000, Grade.HIGH),
        _rule("kept_out", 56_000, 60_000, Grade.GENERAL),
    ],
    Thresholds(1_000, 1_000, 1_000),
)


@dataclass(frozen=True)
class City:
    """`owner` sees and mends everything; `tools` are those of the city itself, which never fail."""

    database: Database
    owner: asyncpg.Connection
    tools: Tools
    joined: Membership
    payers: tuple[str, ...]
    shop: str
    secret: bytes

    async def empty(self) -> None:
        """As it was before the first life."""
        await self.owner.execute("SELECT city.restore()")

    async def sweep(self) -> None:
        """Let go of the space of what was deleted."""
        await self.owner.execute("VACUUM (ANALYZE)")


@asynccontextmanager
async def open_city(url: str) -> AsyncIterator[City]:
    """A city on a migrated database that nothing else uses."""
    database = await open_database(url, connections=2)
    owner = await asyncpg.connect(url)
    try:
        with tempfile.TemporaryDirectory(prefix="anfu-keys-") as folder:
            async with join(Path(folder), ManualClock(START)) as joined:
                yield await _founded(database, owner, joined)
    finally:
        await owner.close()
        await database.close()


async def _founded(database: Database, owner: asyncpg.Connection, joined: Membership) -> City:
    clock = ManualClock(START)
    engine = Engine(CATALOGUE, RULES, NoProfiles(CATALOGUE))
    tools = open_tools(database, {}, SeededEntropy(1), engine, joined)
    await database.run(lambda tx: _prepare(tx, tools, clock))
    payers = tuple([await _payer(tools, number, clock) for number in (1, 2, 3)])
    shop, secret = await _shop(tools, clock)
    await owner.execute(RESTORE)
    return City(database, owner, tools, joined, payers, shop, secret)


def open_tools(
    database: Database,
    channels: Mapping[str, Channel],
    entropy: SeededEntropy,
    engine: Engine,
    joined: Membership,
) -> Tools:
    """What the journeys work with. The engine keeps no profiles, so it may outlive a process."""
    ring = RING
    readers: dict[str, NoticeReader] = {name: SandboxNotices(MEMBER) for name in NETWORKS}
    return Tools(
        database=database,
        channels=channels,
        readers={**readers, wechat.NAME: WechatNotices(joined.member)},
        engine=engine,
        lists=ListFollower(database, engine, Book(ring.blind_index)),
        rules=LIMITS,
        sealer=Sealer(ring, entropy),
        entropy=entropy,
        challenge_key=bytes(32),
        policy=Policy(development=True),
        routes={"card": [Route(name, cost_bp=10 * n) for n, name in enumerate(NETWORKS, 1)]},
        health=Health(),
    )


async def _prepare(tx: Tx, tools: Tools, clock: ManualClock) -> None:
    await publish(tx, catalogue=CATALOGUE, rule_set=RULES)
    await begin(tx, rule_set=RULES, now=clock.now())
    accounts = institution_accounts("CNY", (*NETWORKS, wechat.NAME))
    await open_accounts(tx, accounts=accounts, now=clock.now())


async def _payer(tools: Tools, number: int, clock: ManualClock) -> str:
    """A customer of class `number`, with 3,000 yuan."""
    opened: list[str] = []
    digits = f"11010519491231{number:03}"
    document = Document(DocumentType.CITIZEN_ID, digits + citizen_check(digits))
    order = NewCustomer(Person("张小明", f"138{number:08}", document), number, None)

    def describe(customer: object) -> bytes:
        opened.append(customer.id)  # type: ignore[attr-defined]
        return b"{}"

    now = clock.now()
    await enrol_customer(tools, order, claim(f"customer-{number}"), describe, now=now)
    given = DepositOrder(claim(f"deposit-{number}"), opened[0], 300_000, "CNY")
    await deposit(tools, given, now=now)
    return opened[0]


async def _shop(tools: Tools, clock: ManualClock) -> tuple[str, bytes]:
    """A merchant that listens, and the secret of its endpoint."""
    opened: list[str] = []

    def describe(merchant: object) -> bytes:
        opened.append(merchant.id)  # type: ignore[attr-defined]
        return b"{}"

    now = clock.now()
    await enrol_merchant(tools, ("Corner Tea", "5814"), claim("merchant"), describe, now=now)

    async def listen(tx: Tx) -> str:
        issued = await parties.create_endpoint(
            tx, merchant_id=opened[0], url="http://localhost/anfu", sealer=tools.sealer, now=now,
            allow_loopback=True,
        )  # fmt: skip
        return issued.secret

    return opened[0], (await tools.database.run(listen)).encode()


def claim(key: str) -> Claim:
    """A request under its own key."""
    return Claim(SOURCE, key, key.encode().ljust(32, b".")[:32])
