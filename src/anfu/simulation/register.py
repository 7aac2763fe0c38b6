"""The register: which number in the world is which id at the API."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.simulation.client import Client, Person, Reply
from anfu.simulation.plan import Side
from anfu.simulation.world import World

CURRENCY = "CNY"
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Register:
    """Ids by number."""

    accounts: Sequence[str]
    merchants: Sequence[str]

    def party(self, party: tuple[Side, int]) -> str:
        side, number = party
        return self.merchants[number] if side is Side.MERCHANT else self.accounts[number]


async def enrol(client: Client, world: World) -> Register:
    """Open everybody of the world, and put the first deposits into their balances.

    Enrolling the same world twice is enrolling it once. Raises OutsideFailure when the API does
    not do it.
    """
    slots = asyncio.Semaphore(_AT_ONCE)

    async def customer(number: int, person: Person, deposit: int) -> str:
        async with slots:
            key = f"s{world.seed}-customer-{number}"
            made = done(await client.create_customer(person, key=key))
            opened = str(made.body["id"])
            if deposit:
                key = f"s{world.seed}-deposit-{number}"
                done(await client.deposit(opened, deposit, CURRENCY, key=key))
            return opened

    async def merchant(number: int, name: str, mcc: str) -> str:
        async with slots:
            key = f"s{world.seed}-merchant-{number}"
            return str(done(await client.create_merchant(name, mcc, key=key)).body["id"])

    merchants = [
        merchant(m.number, m.name, m.category.mcc) for m in (*world.merchants, *world.shells)
    ]
    customers = [customer(n, *opened) for n, opened in enumerate(world.people())]
    ids = await asyncio.gather(*merchants, *customers)
    return Register(ids[len(merchants) :], ids[: len(merchants)])


def done(reply: Reply) -> Reply:
    """`reply`, if it is a yes. Raises OutsideFailure for a no nobody expects."""
    if not reply.good:
        problem = f"http {reply.status} {reply.body.get('code', '')} {reply.body.get('title', '')}"
        raise OutsideFailure(Outcome.NOT_DONE, f"the API says {problem}")
    return reply
