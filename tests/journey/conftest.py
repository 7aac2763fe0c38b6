"""The whole application over HTTP, in process, on a real database, with a real sandbox network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.journey.declared import ReadsLogged, check_declared

from anfu.channels.port import ChannelOrder
from anfu.channels.sandbox.client import Link, SandboxChannel
from anfu.channels.sandbox.faults import Faults
from anfu.channels.sandbox.messages import NETWORK, Identity
from anfu.channels.sandbox.network import Network, NetworkSettings
from anfu.channels.sandbox.notices import SandboxNotices
from anfu.channels.sandbox.statements import Statement
from anfu.entrypoints.api.application import application
from anfu.entrypoints.api.desk import Desk
from anfu.evidence.signer import Signer
from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SeededEntropy
from anfu.ledger.operations import open_accounts
from anfu.ledger.queries import find_discrepancies, trial_balance
from anfu.limits.rulebook import shipped_rules
from anfu.parties.apikey import SCOPES, NewKey
from anfu.parties.keyring import KeyRing, Sealer
from anfu.parties.keys.operations import create_key
from anfu.parties.person import citizen_check
from anfu.parties.signature import SignedRequest, sign_request, signing_key
from anfu.payments.fund import institution_accounts
from anfu.payments.recover import recover
from anfu.payments.tools import Policy, Tools
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.engine import Engine
from anfu.risk.graph.graph import LinkGraph
from anfu.risk.lists.follow import ListFollower, load
from anfu.risk.lists.matching import Book
from anfu.risk.models.serving import Serving
from anfu.risk.operations import publish
from anfu.risk.profiles import Profiles
from anfu.risk.rules import default_rule_set
from anfu.risk.ruling.operations import begin
from anfu.storage.database import Database
from anfu.storage.transaction import Tx


@dataclass
class Client:
    """A caller with a key of its own."""

    http: httpx.AsyncClient
    clock: ManualClock
    key: str
    secret: str = field(repr=False)
    count: int = 0

    async def post(
        self,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """A signed write, a millisecond after the one before; each with a new idempotency key
        unless one is given."""
        self.clock.advance(timedelta(milliseconds=1))
        self.count += 1
        once = key or f"k-{self.key[-6:]}-{self.count}"
        content = body if isinstance(body, bytes) else b"" if body is None else _json(body)
        signed = SignedRequest("POST", path, once, content)
        signature = sign_request(signing_key(self.secret), request=signed, now=self.clock.now())
        sent = {"Anfu-Key": self.key, "Anfu-Signature": signature, "Idempotency-Key": once}
        return await self.http.post(path, content=content, headers=sent | (headers or {}))

    async def get(self, path: str, **query: Any) -> httpx.Response:
        """A read with the key's secret."""
        bearer = {"Authorization": f"Bearer {self.key}.{self.secret}"}
        return await self.http.get(path, params=query or None, headers=bearer)

    async def merchant(self, name: str = "Corner Tea") -> str:
        answer = await self.post("/v1/merchants", {"name": name, "mcc": "5814"})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def customer(self, account_class: int = 3, deposit: int = 0) -> str:
        """A new customer with `deposit` fen."""
        self.count += 1
        digits = f"110105{1950 + self.count // 1000}1231{self.count % 1000:03}"
        number = digits + citizen_check(digits)
        form = {
            "name": "张小明",
            "phone": f"138{self.count:08}",
            "document": {"type": "CITIZEN_ID", "number": number},
            "account_class": account_class,
        }
        answer = await self.post("/v1/customers", form)
        assert answer.status_code == 201, answer.text
        customer = str(answer.json()["id"])
        if deposit:
            wish = {"party": customer, "amount": deposit, "currency": "CNY"}
            assert (await self.post("/v1/deposits", wish)).status_code == 201
        return customer

    async def pay(self, payer: str, payee: str, amount: int, **more: Any) -> dict[str, Any]:
        """The payment, whatever became of it."""
        answer = await self.post("/v1/payments", order(payer, payee, amount, **more))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def balance(self, party: str) -> tuple[int, int]:
        """(posted, available) fen."""
        document = (await self.get(f"/v1/balances/{party}/CNY")).json()
        return document["posted"], document["available"]


class Wire(httpx.AsyncBaseTransport):
    """The line to the sandbox network. `before` is raised instead of sending, `after` instead of
    handing over the answer: a process killed there. `sent` are the paths of what went out."""

    def __init__(self, network: Network) -> None:
        self._inner = httpx.ASGITransport(network.app, raise_app_exceptions=False)
        self.before: Exception | None = None
        self.after: Exception | None = None
        self.sent: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.before is not None:
            raise self.before
        self.sent.append(request.url.path)
        try:
            answer = await self._inner.handle_async_request(request)
        except AssertionError:  # the network stopped in the middle of its answer
            raise httpx.RemoteProtocolError("cut") from None
        if self.after is not None:
            raise self.after
        return answer


@dataclass
class House:
    """The application and what stands behind it."""

    database: Database
    clock: ManualClock
    tools: Tools
    desk: Desk
    network: Network
    wire: Wire
    signer: Signer
    http: httpx.AsyncClient
    office: Client

    async def client(
        self, *, merchant: str | None = None, scopes: Iterable[str] = SCOPES
    ) -> Client:
        """A caller with a new key."""
        wish = NewKey("test", frozenset(scopes), merchant)

        async def work(tx: Tx) -> Client:
            issued = await create_key(
                tx, order=wish, by=None, sealer=self.tools.sealer, now=self.clock.now()
            )
            return Client(self.http, self.clock, issued.key.id, issued.secret)

        return await self.database.run(work)

    async def recover(self, *, seconds: float = 31) -> int:
        """Let time pass, and come back to what was left open."""
        self.clock.advance(timedelta(seconds=seconds))
        return await recover(self.tools, self.clock)

    async def count(self, table: str) -> int:
        """Rows of a table."""
        async with self.database.transaction() as tx:
            return int(await tx.fetchval(f"SELECT count(*) FROM {table}"))

    async def rows(self) -> dict[str, tuple[int, int]]:
        """Of every table, how many rows it has and the sum of their hashes: a refusal must leave
        all of it as it was."""
        async with self.database.transaction(readonly=True) as tx:
            tables = [row["name"] for row in await tx.fetch(_TABLES)]
            parts = [
                f"SELECT '{t}' AS name, count(*) AS n,"
                f" coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) AS h FROM {t} t"
                for t in tables
            ]
            rows = await tx.fetch(" UNION ALL ".join(parts))
        return {row["name"]: (row["n"], int(row["h"])) for row in rows}

    @asynccontextmanager
    async def untouched(self, *besides: str) -> AsyncIterator[None]:
        """Nothing written and nothing sent within the block, but to the tables `besides`."""
        rows, sent = await self.rows(), list(self.wire.sent)
        yield
        after = await self.rows()
        for table in besides:
            after[table] = rows[table]
        assert after == rows
        assert self.wire.sent == sent

    @staticmethod
    def order_of(payment: dict[str, Any]) -> ChannelOrder:
        """What the network was, or would have been, asked for a payment."""
        return ChannelOrder(
            payment["id"], payment["amount"], payment["currency"], payment["method"]["card"],
            datetime.fromisoformat(payment["created_at"]),
        )  # fmt: skip

    @staticmethod
    def statement(payment: dict[str, Any], state: str = "PAID", /, **other: Any) -> Statement:
        """What the network says of a payment, or `other` than it should."""
        said = {"payment": payment["id"], "refund": None, "state": state, "reference": "sbx_1",
                "reason": None, "amount": payment["amount"], "currency": "CNY"}  # fmt: skip
        return Statement(**{**said, **other})

    async def kinds(self, subject: str) -> list[str]:
        """The events told of an object, in their order."""
        async with self.database.transaction(readonly=True) as tx:
            rows = await tx.fetch(
                "SELECT kind FROM storage.event WHERE object_id = $1 ORDER BY id", subject
            )
        return [row["kind"] for row in rows]

    async def check_books(self) -> None:
        """Debits equal credits, and counters equal what they count."""
        async with self.database.transaction(readonly=True) as tx:
            for line in await trial_balance(tx):
                assert (line.imbalance, line.unexplained) == (0, 0)
            assert await find_discrepancies(tx) == []


def _engine(book: Book) -> Engine:
    profiles = Profiles(CATALOGUE)
    return Engine(CATALOGUE, default_rule_set(), profiles, lists=book, graph=LinkGraph(),
                  models=Serving(CATALOGUE))  # fmt: skip


_TABLES = """
SELECT schemaname || '.' || tablename AS name FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
  AND has_table_privilege(schemaname || '.' || tablename, 'SELECT') ORDER BY 1
"""


def order(payer: str, payee: str, amount: int, **more: Any) -> dict[str, Any]:
    """An order from the balance with two factors, unless said otherwise."""
    return {
        "payer": payer,
        "payee": payee,
        "amount": amount,
        "currency": "CNY",
        "method": {"type": "balance"},
        "factors": ["password", "sms_code"],
        **more,
    }


def by_card(payer: str, payee: str, amount: int, card: str = "tok_good") -> dict[str, Any]:
    """An order through the sandbox network."""
    return order(payer, payee, amount, method={"type": "sandbox", "card": card})


def _json(body: Any) -> bytes:
    return msgspec.json.encode(body)


@pytest.fixture
def policy() -> Policy:
    """What the institution chose; a test module may override it."""
    return Policy(development=True)


@pytest.fixture
async def house(
    database: Database, clock: ManualClock, entropy: SeededEntropy, policy: Policy
) -> AsyncIterator[House]:
    """A running house with one institution key."""
    async with open_house(database, clock=clock, entropy=entropy, policy=policy) as opened:
        yield opened


@asynccontextmanager
async def open_house(
    database: Database, *, clock: ManualClock, entropy: SeededEntropy, policy: Policy
) -> AsyncIterator[House]:
    """A house on a migrated database."""
    ours, theirs = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
    member = Identity("anfu", ours, NETWORK, theirs.public_key())
    peer = Identity(NETWORK, theirs, "anfu", ours.public_key())
    network = Network(NetworkSettings(peer, None, Faults()), clock=clock, entropy=SeededEntropy(9))
    wire = Wire(network)
    channel = SandboxChannel(
        Link("http://sandbox", timeout_s=0.5), member, clock=clock, entropy=entropy,
        transport=wire,
    )  # fmt: skip
    ring = KeyRing.generate(entropy)
    await load(database, book := Book(ring.blind_index))
    engine = _engine(book)
    tools = Tools(
        database=database,
        channels={"sandbox": channel},
        readers={"sandbox": SandboxNotices(member)},
        engine=engine,
        lists=ListFollower(database, engine, book),
        rules=shipped_rules(),
        sealer=Sealer(ring, entropy),
        entropy=entropy,
        challenge_key=bytes(32),
        policy=policy,
    )

    async def prepare(tx: Tx) -> None:
        for rule_set in (engine.base, engine.rule_set):
            await publish(tx, catalogue=engine.catalogue, rule_set=rule_set)
        await begin(tx, rule_set=engine.base, now=clock.now())
        accounts = institution_accounts("CNY", ["sandbox"])
        await open_accounts(tx, accounts=accounts, now=clock.now())

    await database.run(prepare)
    signer = Signer("anfu.test/log", Ed25519PrivateKey.from_private_bytes(bytes([3]) * 32))
    desk = Desk(tools, clock, version="test", log_keys=[signer.key])
    transport = httpx.ASGITransport(application(desk), raise_app_exceptions=False)
    hooks = {"response": [check_declared, ReadsLogged(database)]}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://anfu", event_hooks=hooks
    ) as http:
        built = House(
            database, clock, tools, desk, network, wire, signer, http, Client(http, clock, "", "")
        )
        built.office = await built.client()
        yield built
    await channel.aclose()
