"""`anfu demo`, after its checks: days go by, the staff come in, and every page of the console has
something.

Everything is done over the API, save what has no operation there: the first administrators and a
bill that came another way, which are the command line's (`anfu staff first`, `anfu reconcile`).
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from anfu.channels.banks.simulator import BankSimulator
from anfu.channels.bills.bill import BillFile, BillKind
from anfu.channels.sandbox.messages import Identity
from anfu.entrypoints.cli.demo_codes import keep_seeds
from anfu.entrypoints.cli.reconcile import OPERATOR, TERMS
from anfu.entrypoints.cli.wiring import Running
from anfu.kernel.clock import MovableClock
from anfu.kernel.ids import SystemEntropy
from anfu.kernel.periods import civil_date
from anfu.payments.access.invite import invite_administrator
from anfu.settlement.reconciliation.fetch import Desk
from anfu.settlement.reconciliation.reconcile import reconcile
from anfu.settlement.reconciliation.terms import read_terms
from anfu.settlement.reconciliation.treat import treat
from anfu.simulation.client import Client, Credentials
from anfu.simulation.closing import every
from anfu.simulation.dice import dice
from anfu.simulation.office import agreements, customers, held, money, payers, proposals, shop
from anfu.simulation.office.bill import trade_bill
from anfu.simulation.office.days import STEPS, Town, go_by, move, until_morning
from anfu.simulation.office.member import Building
from anfu.simulation.office.outside import HOOKS, Outside, serving
from anfu.simulation.office.staff import Staff, hire
from anfu.simulation.processes import API, Stack, free_port
from anfu.simulation.register import done

_SALES_A_STEP = 10
_TODAY = (timedelta(minutes=20),) * 5
_CODE = timedelta(seconds=31)
_AGREED = "[sandbox]\nrate_ppm = 6000\n"


@dataclass(frozen=True, slots=True)
class Keys:
    """The institution's programs: one with every scope, one that approves."""

    first: Credentials
    second: Credentials


@dataclass(frozen=True, slots=True)
class Opened:
    """The addresses of the pages by what they are, who may sign in with the one password of this
    run, and the town, which goes on living."""

    pages: Mapping[str, str]
    staff: Staff
    town: Town
    password: str = field(repr=False)


def new_outside(home: Path) -> Outside:
    """A bank for an installation that is about to start in `home`, and what is agreed with its
    network."""
    (home / TERMS).write_text(_AGREED, "utf-8")
    return Outside(free_port(), Ed25519PrivateKey.generate())


@asynccontextmanager
async def opened(
    stack: Stack, running: Running, keys: Keys, outside: Outside, seed: int
) -> AsyncIterator[Opened]:
    """The office after some days, for as long as the block lasts."""
    clock = running.clock
    assert isinstance(clock, MovableClock)
    first, second = (Client(stack.base_url, key, clock=clock) for key in (keys.first, keys.second))
    bank = _bank(stack.home, outside, clock)
    origin = f"http://localhost:{stack.ports[API]}"
    async with serving(outside, bank), httpx.AsyncClient(base_url=stack.base_url) as http:
        try:
            town = await _town(first, second, clock, seed)
            day = civil_date(clock.now())
            await _some_days(town, bank, f"{outside.url}{HOOKS}")
            await _reconcile(running, first, day)
            password = _password()
            staff = await _come_in(running, town, Building(origin, http, clock), password)
            keep_seeds(stack.home, {login: one.seed for login, one in staff.members.items()})
            await _work(town, staff)
            await move(town, _CODE)  # the codes the staff came in with are used up
            await payers.rate(town, http)
            pages = {
                "console 控制台": f"{origin}/console",
                "checkout 收银台": await shop.ask_for(town, town.customers[0]),
                "payer's code 付款码, for 15 minutes": await payers.show(town),
                "documentation 文档": f"{origin}/docs",
            }
            yield Opened(pages, staff, town, password)
        finally:
            first.close()
            second.close()


def _bank(home: Path, outside: Outside, clock: MovableClock) -> BankSimulator:
    ours = bytes.fromhex((home / "keys" / "outside.pub").read_text("utf-8"))
    peer = Identity("bank", outside.key, "anfu", Ed25519PublicKey.from_public_bytes(ours))
    return BankSimulator(peer, clock=clock, entropy=SystemEntropy())


async def _town(first: Client, second: Client, clock: MovableClock, seed: int) -> Town:
    people = done(await first.get("/v1/customers?limit=60")).body["data"]
    shops = done(await first.get("/v1/merchants?limit=12")).body["data"]
    customers_, merchants = [one["id"] for one in people], [one["id"] for one in shops]
    return Town(first, second, clock, dice(seed, "office"), customers_, merchants)


async def _some_days(town: Town, bank: BankSimulator, hooks: str) -> None:
    """What must be there before days go by; and the days."""
    day = civil_date(town.clock.now())
    found = done(await town.client.get("/v1/accounts?owner=anfu&kind=bank")).body["data"]
    for account in found:
        bank.deposit(int(account["debits_posted"]), day)
    await agreements.agree_terms(town)
    await customers.agree_limits(town)
    seeds = await customers.set_up_factors(town)
    await shop.open_endpoints(town, hooks)
    await customers.pay_too_late(town)
    await go_by(town, STEPS, sales=_SALES_A_STEP)
    morning = until_morning(now=town.clock.now())
    await go_by(town, [morning, *_TODAY], sales=_SALES_A_STEP)
    await customers.agree_mandates(town, seeds)
    await customers.dispute(town)
    await customers.apply_as_firm(town)
    await customers.ask_to_be_forgotten(town)


async def _reconcile(running: Running, client: Client, day: date) -> None:
    """The network's bill of the first day comes as a file, with a few mistakes in it."""
    payments = [one async for one in every(client, "payments")]
    refunds = [one async for one in every(client, "refunds")]
    content = trade_bill(payments, refunds, day)
    file = BillFile("sandbox", BillKind.TRADE, day, f"trade-{day:%Y%m%d}.jsonl", content)
    desk = Desk(running.tools, running.tools.bills, read_terms(_AGREED))
    await reconcile(desk, file, by=OPERATOR, now=running.clock.now())
    await treat(running.tools, running.clock, "sandbox")


async def _come_in(running: Running, town: Town, building: Building, password: str) -> Staff:
    tools = running.tools

    async def invite(login: str, name: str) -> str:
        now = building.clock.now()
        made = await tools.database.run(
            lambda tx: invite_administrator(tx, tools, login, name, now=now)
        )
        return made.invitation

    async def later() -> None:
        await move(town, _CODE)

    return await hire(building, password, invite, later)


async def _work(town: Town, staff: Staff) -> None:
    await held.hold(town, staff)
    await proposals.propose(town, staff)
    await agreements.propose_terms(town)
    await money.work(town, staff)


def _password() -> str:
    """Sixteen letters and digits of this run."""
    return base64.b32encode(SystemEntropy().bytes(10)).decode().lower()
