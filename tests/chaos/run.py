"""`make chaos`: kill -9 of every process under load, then look whether anything was lost.

    python -m tests.chaos.run --api 20 --worker 10 --postgres 5 --seconds 60

Figures as a table on standard error and as JSON on standard output; status 1 on any violation.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import uvloop
from rich.console import Console
from rich.table import Table
from tests.chaos import checks
from tests.chaos.actors import Actor, Town
from tests.chaos.checks import Check
from tests.chaos.journal import Journal
from tests.chaos.killing import POSTGRES, Killer

from anfu.app.main import wire
from anfu.entrypoints.cli.keys import issue
from anfu.evidence.signer import VerifierKey
from anfu.kernel.clock import SystemClock
from anfu.parties.apikey import SCOPES, NewKey
from anfu.simulation.client import Client, Credentials, Patience
from anfu.simulation.processes import API, WORKER, Stack, development_environment, stop_database
from anfu.storage.embedded import EmbeddedServer

NOTES = Console(stderr=True)
_MERCHANTS = 30
_AGAIN_AT_ONCE = 32
_SEALED_LOOKS = 300
# What the network does wrong.
_FAULTS = {
    "lose_request": 0.01, "lose_answer": 0.02, "late": 0.005, "server_error": 0.01,
    "processing": 0.02, "decline": 0.03, "repeat_notice": 0.1, "reorder_notice": 0.05,
    "lose_notice": 0.1, "wrong_amount": 0.005,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """How often to kill what, for how long to load at least, how many act at once;
    whether to leave everything where it is."""

    api: int = 20
    worker: int = 10
    postgres: int = 5
    seconds: float = 60.0
    actors: int = 160
    seed: int = 1
    keep: bool = False


@dataclass(slots=True)
class Outcome:
    """The figures. `back_s` and `ended_alone` by process; `longest_s` until one write was
    acknowledged, all sendings included; `longest_with_network_s` until it was resolved."""

    kills: dict[str, int] = field(default_factory=dict)
    back_s: dict[str, dict[str, float]] = field(default_factory=dict)
    ended_alone: dict[str, int] = field(default_factory=dict)
    load_s: float = 0.0
    acknowledged: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    sent_again: int = 0
    server_errors: int = 0
    longest_s: float = 0.0
    longest_with_network_s: float = 0.0
    asked_again: int = 0
    checks: list[Check] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return all(check.good for check in self.checks)

    def told(self) -> dict[str, Any]:
        """As JSON values."""
        shown = {check.name: {"looked_at": check.looked_at, "wrong": check.wrong}
                 for check in self.checks}  # fmt: skip
        return {**asdict(self), "checks": shown, "good": self.good}


async def run(home: Path, options: Options) -> Outcome:
    """Load, kill, come to rest, check."""
    outcome = Outcome()
    with Stack(home, development_environment(os.environ)) as stack:
        credentials, key = await _issue(stack)
        faults = [word for name, rate in _FAULTS.items() for word in ("--fault", f"{name}={rate}")]
        stack.start_network("--seed", str(options.seed), "--journal", str(home / "net"),
                            "--delay-ms", "10", *faults)  # fmt: skip
        stack.start_api()
        stack.start_worker()
        await stack.ready()
        patience = Patience(answer_s=15, whole_s=20, connections=options.actors)
        client = Client(stack.base_url, credentials, clock=SystemClock(), patience=patience)
        try:
            journal = Journal(client)
            await _live(stack, journal, options, outcome)
            _say("coming to rest")
            outcome.checks.append(await _rest(client))
            _say(f"asking {len(journal.written)} keys again")
            outcome.checks += [await _ask_again(journal, outcome), _answered(journal)]
            _say("checking every book")
            await _check(home, key, journal, outcome)
        finally:
            client.close()
    return outcome


async def _issue(stack: Stack) -> tuple[Credentials, VerifierKey]:
    """A key, made before anything runs: later the database has no user but API and worker."""
    async with wire(stack.environment).open() as running:
        issued = await issue(running, NewKey("chaos", SCOPES, None))
        return Credentials(issued.key.id, issued.secret), running.signer.key


async def _live(stack: Stack, journal: Journal, options: Options, outcome: Outcome) -> None:
    actors = await _actors(journal, options)
    plan = {API: options.api, WORKER: options.worker, POSTGRES: options.postgres}
    _say(f"{options.actors} actors; kills: {plan}")
    killer, stop, started = Killer(stack, plan, options.seed), asyncio.Event(), time.monotonic()
    load = asyncio.gather(*(actor.run(stop) for actor in actors))
    try:
        await killer.run()
        await asyncio.sleep(max(0.0, started + options.seconds - time.monotonic()))
    finally:
        stop.set()
        await load
    outcome.load_s = round(time.monotonic() - started, 1)
    outcome.kills = {name: len(times) for name, times in killer.back_s.items()}
    outcome.back_s = {name: {"mean": round(sum(times) / len(times), 2), "max": round(max(times), 2)}
                      for name, times in killer.back_s.items()}  # fmt: skip
    outcome.ended_alone = dict(killer.ended_alone)
    missed = [f"{name} did not come back" for name in killer.never_back]
    outcome.checks.append(Check("every process comes back", sum(plan.values()), missed))


async def _actors(journal: Journal, options: Options) -> list[Actor]:
    merchants = [
        await journal.write("merchant", "/v1/merchants", {"name": f"Shop {n}", "mcc": None},
                            f"merchant-{n}")
        for n in range(_MERCHANTS)
    ]  # fmt: skip
    start = SystemClock().now() - timedelta(days=300)
    town = Town([shop.answer["id"] for shop in merchants], start.replace(microsecond=0))
    actors = [Actor(n, journal, town, options.seed) for n in range(options.actors)]
    await asyncio.gather(*(actor.open() for actor in actors))
    return actors


async def _rest(client: Client) -> Check:
    """Cancel what waits for a person, wait for what waits for the network."""
    started, ended = time.monotonic(), 0
    while time.monotonic() - started < checks.SENDING_BOUND.total_seconds():
        waiting = [
            p for state in ("CHALLENGED", "IN_REVIEW") for p in await _in_state(client, state)
        ]
        await asyncio.gather(*(client.cancel(p, key=f"rest-{p}") for p in waiting))
        ended += len(waiting)
        pending = [p for state in ("SENDING", "UNKNOWN") for p in await _in_state(client, state)]
        if not waiting and not pending and not await _open_refunds(client):
            return Check("it comes to rest", ended, [])
        await asyncio.sleep(0.5)
    return Check("it comes to rest", ended, [f"{len(pending)} payments are with the network"])


async def _in_state(client: Client, state: str) -> list[str]:
    return [payment["id"] for payment in (await client.payments(state=state)).body["data"]]


async def _open_refunds(client: Client) -> int:
    """Among all refunds, newest first."""
    count, after = 0, ""
    while True:
        page = (await client.get(f"/v1/refunds?limit=100{after}")).body
        count += sum(refund["state"] in ("SENDING", "UNKNOWN") for refund in page["data"])
        if not page["more"]:
            return count
        after = f"&after={page['data'][-1]['id']}"


async def _ask_again(journal: Journal, outcome: Outcome) -> Check:
    """No key is answered twice differently. A no is not remembered (nothing was written), so what
    it would be told today may differ; every yes must be the same to the last byte of its JSON."""
    slots = asyncio.Semaphore(_AGAIN_AT_ONCE)

    async def again(key: str) -> str | None:
        async with slots:
            same = await journal.again(journal.written[key])
            return None if same else f"{key} is answered differently"

    keys = [key for key, written in journal.written.items() if written.good]
    wrong = [found for found in await asyncio.gather(*map(again, keys)) if found is not None]
    outcome.asked_again = len(keys)
    return Check("no key is answered twice differently", len(keys), wrong)


def _answered(journal: Journal) -> Check:
    """Every key was acknowledged; and of what an actor asks for, only refunds may be refused, and
    what another key has ended in the meantime."""
    wrong = [f"{key} was never answered" for key in journal.unanswered]
    for refusal in journal.refused:
        kind, _, code = refusal.partition(": ")
        if kind in ("payment", "deposit", "customer", "merchant"):
            wrong.append(f"a {kind} was refused: {code}")
    if journal.server_errors:
        wrong.append(f"{journal.server_errors} times with an internal error at first")
    return Check("every key was answered", len(journal.written), wrong)


async def _check(home: Path, key: VerifierKey, journal: Journal, outcome: Outcome) -> None:
    with EmbeddedServer(home / "postgres") as server:
        tx = await asyncpg.connect(server.url)
        try:
            await _wait_for_seal(tx)
            books = await checks.take_snapshot(tx)
            bound, longest = await checks.check_bound(tx, books)
            outcome.checks += [
                checks.check_payments(journal, books),
                checks.check_refunds(journal, books),
                await checks.check_open(tx),
                bound,
                await checks.check_ledger(tx, books),
                await checks.check_limits(tx, books),
                await checks.check_evidence(tx, key, books),
                await checks.check_events(tx, books),
                checks.check_network(home / "net", books),
            ]
        finally:
            await tx.close()
    outcome.longest_with_network_s = round(longest, 1)
    outcome.longest_s = round(journal.longest_s, 1)
    outcome.acknowledged = dict(Counter(written.kind for written in journal.written.values()))
    outcome.refused = dict(journal.refused)
    outcome.states = dict(Counter(payment.state.value for payment in books.payments.values()))
    outcome.sent_again = journal.client.repeats
    outcome.server_errors = journal.server_errors


async def _wait_for_seal(tx: asyncpg.Connection) -> None:
    sealed = "SELECT (SELECT size FROM evidence.log) = (SELECT max(size) FROM evidence.checkpoint)"
    for _ in range(_SEALED_LOOKS):
        if await tx.fetchval(sealed):
            return
        await asyncio.sleep(0.2)


def show(outcome: Outcome) -> None:
    """The figures, as a table."""
    table = Table("figure", "value", title="chaos")
    told = outcome.told()
    del told["checks"], told["good"]
    for name, value in told.items():
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if type(value) is dict else value
        table.add_row(name.replace("_", " "), str(shown))
    for check in outcome.checks:
        colour = "green" if check.good else "red"
        table.add_row(check.name, f"[{colour}]{check.told}[/{colour}] ({check.looked_at})")
    NOTES.print(table)


def read_options(arguments: Sequence[str]) -> Options:
    """The options on the command line."""
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--keep", action="store_true")
    for name, value in asdict(Options()).items():
        if name != "keep":
            parser.add_argument(f"--{name}", type=type(value), default=value)
    return Options(**vars(parser.parse_args(arguments)))


def main() -> None:
    """One run in a home of its own, which is removed when all is well."""
    options = read_options(sys.argv[1:])
    home = Path(tempfile.mkdtemp(prefix="anfu-chaos-"))
    home.chmod(0o711)
    outcome = uvloop.run(run(home, options))
    show(outcome)
    print(json.dumps(outcome.told()))
    stop_database(home)
    if options.keep or not outcome.good:
        NOTES.print(f"everything is left in {home}", highlight=False)
    else:
        shutil.rmtree(home, ignore_errors=True)
    if not outcome.good:
        sys.exit(1)


def _say(text: str) -> None:
    NOTES.print(f"[dim]{text}[/dim]", highlight=False)


if __name__ == "__main__":
    main()
