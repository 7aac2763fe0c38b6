"""What the payers of `anfu bench payments --secured` have before it begins: devices, mandates and
visits.

A device bound for a month and a mandate agreed for as long are written as their journeys leave
them, many to a transaction. The visit is over the API like any other: a session is opened, and the
profile that the device signed over its nonce is sent.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from anfu.entrypoints.cli.bench_parties import Parties
from anfu.entrypoints.cli.load_orders import Known, address_of, draw_merchants
from anfu.entrypoints.cli.wiring import Running
from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.kernel.ids import new_id
from anfu.parties.devices import operations as devices
from anfu.parties.devices.device import Device, Key, Standing, TieState, Trust
from anfu.parties.devices.proof import thumbprint_of
from anfu.parties.mandates.mandate import PREFIX, Mandate, State, Terms
from anfu.parties.mandates.operations import insert_mandate
from anfu.simulation.browsers import population
from anfu.simulation.client import Client
from anfu.simulation.pages import Page
from anfu.storage.transaction import Tx

# Of so many payers one has a mandate, for far more than it will draw.
_MANDATES = 5
_TERMS = (10_000, 90_000, 900_000)
_KNOWN_FOR, _GOOD_FOR = timedelta(days=30), timedelta(days=90)
_TOGETHER = 200
_LANES = 32


@dataclass(frozen=True, slots=True)
class Payer:
    """`page` is of a device known as `device`."""

    id: str
    page: Page
    device: str
    mandate: Mandate | None


@dataclass(frozen=True, slots=True)
class Visits:
    """How the visits went, each two requests; `cpu_us`: processor time of one, by who spent it."""

    visits: int
    visits_per_s: float
    cpu_us: dict[str, float]


async def enrol_payers(running: Running, parties: Parties, seed: int) -> list[Payer]:
    """Known devices for all customers, and mandates for some."""
    now = running.clock.now()
    dice = random.Random(seed)  # noqa: S311 - repeatable by intent
    browsers = population(len(parties.customers), dice)
    merchants = draw_merchants(parties.merchants, len(parties.customers), dice)
    payers = []
    for number, (customer, browser) in enumerate(zip(parties.customers, browsers, strict=True)):
        device = new_id("dev", now=now, entropy=running.tools.entropy)
        mandate = None
        if number % _MANDATES == 0:
            terms = Terms(customer, merchants[number], "CNY", *_TERMS, now + _GOOD_FOR, "rides",
                          device)  # fmt: skip
            id_ = new_id(PREFIX, now=now, entropy=running.tools.entropy)
            since = now - _KNOWN_FOR
            mandate = Mandate(id_, terms, State.ACTIVE, since, since)
        payers.append(Payer(customer, Page(browser, device), device, mandate))
    for start in range(0, len(payers), _TOGETHER):
        write = partial(_write, payers=payers[start : start + _TOGETHER], since=now - _KNOWN_FOR)
        await running.tools.database.run(write)
    return payers


async def visit_all(
    client: Client, payers: Sequence[Payer], spent: Callable[[], dict[str, float]]
) -> tuple[list[Known], Visits]:
    """What each payer has then, and what it took; `spent` tells seconds of processor time."""
    lanes = asyncio.Semaphore(_LANES)

    async def one(number: int, payer: Payer) -> Known:
        async with lanes:
            session = await _visit(client, payer, address_of(number))
        if payer.mandate is None:
            return Known(payer.device, session)
        return Known(payer.device, session, payer.mandate.id, payer.mandate.terms.merchant)

    began, before = time.perf_counter(), spent()
    known = await asyncio.gather(*(one(n, payer) for n, payer in enumerate(payers)))
    seconds, count = time.perf_counter() - began, len(payers)
    cost = {f"{who}_us": round((s - before[who]) / count * 1e6, 1) for who, s in spent().items()}
    return known, Visits(count, round(count / seconds, 1), cost)


async def _visit(client: Client, payer: Payer, address: str) -> str:
    """The session. Raises OutsideFailure unless the device is proven in it."""
    opened = await client.post("/v1/device-sessions", {"payer": payer.id}, key=f"open-{payer.id}")
    if opened.status != 201:
        raise OutsideFailure(Outcome.UNKNOWN, f"no device session: {opened.status} {opened.code}")
    session = str(opened.body["id"])
    profile = {**payer.page.profile(opened.body["nonce"]), "address": address}
    path = f"/v1/device-sessions/{session}/profile"
    sent = await client.post(path, profile, key=f"profile-{payer.id}")
    if (sent.body.get("standing"), sent.body.get("signals")) != (Standing.PROVEN, []):
        raise OutsideFailure(Outcome.UNKNOWN, f"a device is not proven: {sent.status} {sent.code}")
    return session


async def _write(tx: Tx, payers: Sequence[Payer], since: datetime) -> None:
    for payer in payers:
        device = Device(payer.device, since, since, {})
        await devices.put_device(tx, device=device)
        key = Key(thumbprint_of(payer.page.point), payer.device, Trust.FOUNDING)
        await devices.add_key(tx, key=key, now=since)
        await devices.see(tx, device=payer.device, payer=payer.id, now=since)
        move = devices.TieMove(payer.device, payer.id, TieState.BOUND, "bench")
        await devices.move_tie(tx, move=move, now=since)
        if payer.mandate is not None:
            await insert_mandate(tx, mandate=payer.mandate)
