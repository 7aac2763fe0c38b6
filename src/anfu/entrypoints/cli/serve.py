"""`anfu serve`, `anfu worker`, `anfu sandbox`: the processes of an installation."""

from __future__ import annotations

import asyncio
import errno
import gc
import signal
import socket
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
import uvloop

from anfu.channels.feeds.client import FeedClient
from anfu.channels.notices.sender import NoticeSender
from anfu.channels.sandbox.faults import Fault, Faults
from anfu.channels.sandbox.network import NetworkSettings
from anfu.channels.sandbox.network import serve as serve_network
from anfu.channels.webhooks import WebhookSender
from anfu.entrypoints.api.application import application
from anfu.entrypoints.api.desk import Desk
from anfu.entrypoints.cli.laboratory import laboratory
from anfu.entrypoints.cli.reconcile import read_terms_of
from anfu.entrypoints.cli.welcome import welcome, with_console
from anfu.entrypoints.cli.wiring import Running, Wiring
from anfu.entrypoints.worker.clock import ClockFollower
from anfu.entrypoints.worker.feeds import take_feeds
from anfu.entrypoints.worker.loops import Bell, Loop, run_loops
from anfu.entrypoints.worker.rounds import (
    Explaining,
    carry_books,
    count_payments,
    deliver,
    draw_targets,
    end_emergencies,
    follow_models,
    reconcile_due,
    renew_keys,
    resolve,
    seal_evidence,
    tidy,
    watch_models,
    work_cases,
)
from anfu.entrypoints.worker.settling import check_reserve, settle_due
from anfu.kernel.clock import MovableClock
from anfu.kernel.errors import Refused
from anfu.lab.backtests.backtest import backtest
from anfu.payments.hand_over import hand_over
from anfu.risk.ruling.follow import follow as follow_rules
from anfu.settlement.reconciliation.fetch import Desk as Reconciling

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on.")]


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the commands."""

    @app.command()
    def serve(
        host: Host = "127.0.0.1",
        port: Port = 8080,
        worker: Annotated[bool, typer.Option(help="Run the worker in the same process.")] = True,
        as_json: Annotated[
            bool, typer.Option("--json", help="Print where it serves as JSON.")
        ] = False,
    ) -> None:
        """Serve the API. Before anybody belongs to the staff, a terminal is shown the link that
        sets the first administrator up, once, within a day.

        Example: anfu serve --port 8080
        """
        check_port(host, port)
        told = with_console(wiring, port)
        uvloop.run(_serve(told, Serving(host, port, worker, as_json)))

    @app.command()
    def worker() -> None:
        """Deliver webhooks, resolve open payments and seal the evidence.

        Example: anfu worker
        """
        uvloop.run(_work(wiring))

    @app.command()
    def sandbox(
        *,
        host: Host = "127.0.0.1",
        port: Port = 8090,
        notify: Annotated[str | None, typer.Option(help="Where notices are posted to.")] = None,
        seed: Annotated[int, typer.Option(help="Seed of the faults.")] = 0,
        fault: Annotated[list[str] | None, typer.Option(help="A fault and its rate.")] = None,
        delay_ms: Annotated[float, typer.Option(help="Median delay of an answer.")] = 0.0,
        journal: Annotated[Path | None, typer.Option(help="File that survives a restart.")] = None,
    ) -> None:
        """Serve the sandbox card network, which fails on purpose.

        Example: anfu sandbox --fault lose_answer=0.01 --fault decline=0.02 --delay-ms 20
        """
        rates = dict(_rate(item) for item in fault or [])
        faults = Faults(seed=seed, rates=rates, delay_ms=delay_ms)
        serve_network(host, port, NetworkSettings(wiring.network(), notify, faults, journal))


@dataclass(frozen=True, slots=True)
class Serving:
    """What `serve` was asked for."""

    host: str
    port: int
    worker: bool
    as_json: bool


def check_port(host: str, port: int) -> None:
    """Before anything is started. Raises Refused(port_taken)."""
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise Refused("setting_invalid", field="--host", reason=error.strerror) from None
        raise Refused("port_taken", field="--port", port=port) from None


async def _serve(wiring: Wiring, asked: Serving) -> None:
    async with wiring.open() as running:
        await welcome(running, asked.port, as_json=asked.as_json)
        terms = read_terms_of(wiring)
        signers = (running.signer.key, *running.signer.former)
        desk = Desk(
            running.tools, running.clock, version=running.version, log_keys=signers, terms=terms
        )
        config = uvicorn.Config(
            application(desk), asked.host, asked.port, loop="none", http="httptools", ws="none",
            lifespan="off", log_config=None, access_log=False, server_header=False,
            date_header=False, timeout_graceful_shutdown=10, proxy_headers=False,
        )  # fmt: skip
        server = uvicorn.Server(config)
        stop, bell = asyncio.Event(), Bell()
        leaving = Loop("live", partial(_leave, server, desk), rest_s=0.5)
        followers = [*_followers(running), *_clock(running, bell), leaving]
        followers.append(Loop("requests", desk.write_journal, rest_s=1.0))
        following = asyncio.create_task(run_loops(followers, stop, bell))
        loops = asyncio.create_task(_loops(wiring, running, stop, bell)) if asked.worker else None
        # What lives now lives for ever: the collector need not walk it again and again.
        gc.collect()
        gc.freeze()
        # Nearly all that is made for a payment dies by its count of references; what stays is the
        # profiles, which hold no cycles. Full collections would walk them for nothing.
        gc.set_threshold(50_000, 50, 1000)
        # Once it has stopped, uvicorn raises the signal that stopped it again, for the handler of
        # before; the default one would end the process before the database is let go of.
        signal.signal(signal.SIGTERM, lambda *_: None)
        await server.serve()
        stop.set()
        await following
        await desk.write_journal()
        if loops is not None:
            await loops


async def _leave(server: uvicorn.Server, desk: Desk) -> int:
    """Let listening pages go once the server is to stop: it would wait for them."""
    if server.should_exit:
        desk.changes.close()
    return 0


async def _work(wiring: Wiring) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with wiring.open() as running:
        bell = Bell()
        await asyncio.gather(
            run_loops(_clock(running, bell), stop, bell), _loops(wiring, running, stop, bell)
        )


def _clock(running: Running, bell: Bell) -> list[Loop]:
    """What moves the clock of a trial installation's process."""
    clock = running.clock
    if not isinstance(clock, MovableClock):
        return []
    return [Loop("clock", ClockFollower(running.tools.database, clock, bell).turn, rest_s=0.2)]


def _followers(running: Running) -> list[Loop]:
    """What every process that decides keeps up with."""
    tools = running.tools
    return [
        Loop("lists", tools.lists.turn, rest_s=0.5),
        Loop("models", partial(follow_models, tools), rest_s=0.5),
        Loop("rules", partial(follow_rules, tools.database, tools.engine), rest_s=0.5),
    ]


async def _loops(wiring: Wiring, running: Running, stop: asyncio.Event, bell: Bell) -> None:
    tools, clock = running.tools, running.clock
    lab = laboratory(wiring, tools.database, tools.engine.catalogue)
    sender = WebhookSender(allow_loopback=tools.policy.development)
    notices = NoticeSender(tools.notices)
    feeds = FeedClient(wiring.home / "feeds", allow_loopback=tools.policy.development)
    books = Reconciling(tools, tools.bills, read_terms_of(wiring))
    loops = [
        Loop("delivery", partial(deliver, tools, clock, sender, notices), rest_s=0.5),
        Loop("texts", partial(hand_over, tools, clock), rest_s=0.2),
        Loop("recovery", partial(resolve, tools, clock), rest_s=1.0),
        Loop("cases", partial(work_cases, tools, clock), rest_s=1.0),
        Loop("emergencies", partial(end_emergencies, tools, clock), rest_s=5.0),
        Loop("feeds", partial(take_feeds, tools, clock, feeds), rest_s=5.0),
        Loop("tidying", partial(tidy, tools, clock), rest_s=600.0),
        Loop("back-tests", partial(backtest, lab, clock), rest_s=2.0),
        Loop("explaining", Explaining(tools, clock).turn, rest_s=1.0),
        Loop("reconciliation", partial(reconcile_due, books, clock), rest_s=600.0),
        Loop("drift", partial(watch_models, tools, clock), rest_s=600.0),
        Loop("keys of networks", partial(renew_keys, tools), rest_s=3_600.0),
        Loop("settling", partial(settle_due, tools, clock), rest_s=60.0),
        Loop("reserve", partial(check_reserve, tools, clock), rest_s=600.0),
        Loop("counting", partial(count_payments, tools, clock), rest_s=5.0),
        Loop("targets", partial(draw_targets, tools, clock), rest_s=60.0),
        Loop("books", partial(carry_books, tools, clock), rest_s=5.0),
        Loop("sealing", partial(seal_evidence, tools, clock, running.signer), rest_s=1.0),
    ]
    try:
        await run_loops(loops, stop, bell)
    finally:
        await sender.aclose()
        await notices.aclose()
        await feeds.aclose()


def _rate(item: str) -> tuple[Fault, float]:
    name, _, rate = item.partition("=")
    try:
        return Fault(name), float(rate)
    except ValueError:
        known = ", ".join(Fault)
        raise typer.BadParameter(f"give one of {known} as name=rate, e.g. decline=0.02") from None
