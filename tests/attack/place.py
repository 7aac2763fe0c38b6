"""What is attacked: an installation of its own, its API and network as processes of their own.

No worker runs: what changes in the database between two looks, an attempt has changed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from tests.attack.caller import Caller
from tests.attack.crew import Staff
from tests.attack.document import Asked, read_document
from tests.journey.access.steps import ORIGIN

from anfu.app.main import wire
from anfu.entrypoints.cli.wiring import Store
from anfu.kernel.ids import SystemEntropy
from anfu.parties.apikey import SCOPES, NewKey
from anfu.parties.keyring import Sealer
from anfu.parties.keys.operations import create_key, revoke_key
from anfu.parties.person import citizen_check
from anfu.simulation.processes import API, Stack, development_environment
from anfu.storage.transaction import Tx

# But the log of requests, which refused ones are written into as well, and what the worker counts
# and carries forward while nobody asks.
_TABLES = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'operations')
  AND (schemaname, tablename) NOT IN
    (('parties', 'request'), ('parties', 'request_gap'),
     ('ledger', 'carried'), ('ledger', 'carried_sum')) ORDER BY 1
"""
# The API hangs up on a line that is idle for five seconds: none is used again that may be dead.
_LINES = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=2)
Digest = dict[str, tuple[int, int]]


@dataclass
class Place:
    """The installation, and who comes to it: `office` is the institution, `own` and `other` are
    two merchants, each with every scope; `owner` is the database owner's connection."""

    stack: Stack
    store: Store
    owner: asyncpg.Connection
    http: httpx.AsyncClient
    asked: list[Asked]
    office: Caller = field(init=False)
    own: Caller = field(init=False)
    other: Caller = field(init=False)
    revoked: Caller = field(init=False)
    expired: Caller = field(init=False)
    merchant: str = ""
    other_merchant: str = ""
    numbers: int = 0
    names: dict[str, str] = field(default_factory=dict)
    crew: dict[str, Staff] = field(default_factory=dict)
    _lacking: dict[tuple[str, bool], Caller] = field(default_factory=dict)

    @property
    def nobody(self) -> Caller:
        """Without a key."""
        return Caller(self.http)

    async def settle(self) -> None:
        """Two merchants, and a key for each."""
        self.office = await self.key()
        shops = [await self.office.make("/v1/merchants", {"name": f"Shop {n}"}) for n in "AB"]
        self.merchant, self.other_merchant = (str(shop["id"]) for shop in shops)
        self.own = await self.key(merchant=self.merchant)
        self.other = await self.key(merchant=self.other_merchant)
        self.revoked = await self._revoke()
        past = datetime.now(UTC) - timedelta(minutes=1)
        self.expired = await self.key(self.merchant, until=past)

    async def key(
        self, merchant: str | None = None, without: str | None = None,
        until: datetime | None = None,
    ) -> Caller:  # fmt: skip
        """A caller with a new key of every scope but `without`."""
        wish = NewKey("attack", SCOPES - {without}, merchant, until)
        sealer = Sealer(self.store.ring, SystemEntropy())

        async def work(tx: Tx) -> Caller:
            # Before `until`, wherever that is.
            now = min(datetime.now(UTC), (until or datetime.max.replace(tzinfo=UTC))
                      - timedelta(seconds=1))  # fmt: skip
            issued = await create_key(tx, order=wish, by=None, sealer=sealer, now=now)
            return Caller(self.http, issued.key.id, issued.secret)

        return await self.store.database.run(work)

    async def lacking(self, scope: str, *, institution: bool = False) -> Caller:
        """A key of the first merchant, or of the institution, with every scope but one."""
        name = (scope, institution)
        if name not in self._lacking:
            whose = None if institution else self.merchant
            self._lacking[name] = await self.key(whose, without=scope)
        return self._lacking[name]

    async def _revoke(self) -> Caller:
        caller = await self.key(self.merchant)
        now = datetime.now(UTC)
        await self.store.database.run(
            lambda tx: revoke_key(tx, key_id=str(caller.key), merchant=None, now=now)
        )
        return caller

    async def digest(self) -> Digest:
        """Of every table, how many rows it has and the sum of their hashes."""
        tables = [row[0] for row in await self.owner.fetch(_TABLES)]
        parts = [f"SELECT '{t}' AS name, count(*) AS n,"
                 f" coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) AS h FROM {t} t"
                 for t in tables]  # fmt: skip
        rows = await self.owner.fetch(" UNION ALL ".join(parts))
        return {row["name"]: (row["n"], int(row["h"])) for row in rows}

    async def quiet(self) -> Digest:
        """The digest, once nothing has changed for a second."""
        before = await self.digest()
        for _ in range(20):
            await asyncio.sleep(1)
            after = await self.digest()
            if after == before:
                return after
            before = after
        raise AssertionError("the database does not come to rest")

    async def customer(self, by: Caller | None = None, deposit: int = 0) -> str:
        """A customer opened by `by`, the first merchant unless said otherwise."""
        form = person(self.numbers)
        self.numbers += 1
        made = await (by or self.own).make("/v1/customers", {**form, "account_class": 3})
        if deposit:
            wish = {"party": made["id"], "amount": deposit, "currency": "CNY"}
            await self.office.make("/v1/deposits", wish)
        return str(made["id"])

    def log(self) -> str:
        """What the API has written into its log."""
        return self.stack.log_of(API).read_text("utf-8", errors="replace")


def person(number: int) -> dict[str, Any]:
    """Somebody who can be opened as a customer, another one for each number."""
    digits = f"110105{1950 + number // 999}1231{number % 999 + 1:03}"
    document = {"type": "CITIZEN_ID", "number": digits + citizen_check(digits)}
    return {"name": "张小明", "phone": f"138{number:08}", "document": document}


@asynccontextmanager
async def open_place(home: Path) -> AsyncIterator[Place]:
    """An installation in `home`, up and settled."""
    environment = {**development_environment(os.environ), "ANFU_CONSOLE_ORIGIN": ORIGIN}
    with Stack(home, environment) as stack:
        stack.start_network()
        stack.start_api()
        await stack.ready()
        async with (
            wire(stack.environment).store() as store,
            httpx.AsyncClient(base_url=stack.base_url, timeout=60, limits=_LINES) as http,
        ):
            assert store.server is not None
            owner = await asyncpg.connect(store.server.url)
            try:
                document = (await http.get("/openapi.json")).json()
                place = Place(stack, store, owner, http, read_document(document))
                await place.settle()
                yield place
            finally:
                await owner.close()
