"""`anfu simulate`: what the shipped rules catch of each typology, and whom they disturb."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console

from anfu.entrypoints.cli import simulate_channels
from anfu.entrypoints.cli.simulate_tally import Tally
from anfu.entrypoints.cli.simulate_trial import Trial
from anfu.entrypoints.cli.simulate_view import show, show_policies
from anfu.entrypoints.cli.wiring import Wiring
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.engine import Engine
from anfu.risk.graph.graph import LinkGraph
from anfu.risk.profiles import Profiles
from anfu.risk.rules import default_rule_set
from anfu.simulation.world import Size, World, make_world

NOTES = Console(stderr=True, width=120)
# Midnight in Shanghai before the first day, of no year in particular: the same seed, the same run.
_START = datetime(2026, 2, 28, 16, tzinfo=UTC)
_WARM_DAYS = 7
# So many payers that a run of the wished length is a month or so; twice that to learn from, since
# labels come late.
_PAYMENTS_A_PAYER, _PAYMENTS_A_LEARNER, _FEWEST = 100, 200, 200
_PAYERS_A_MULE, _PAYERS_A_SHELL = 25, 250


@dataclass(frozen=True, slots=True)
class _Wish:
    """An economy: so many counted payments, `attack` of them frauds."""

    payments: int
    attack: float
    seed: int


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the command, and the one below it."""
    group = typer.Typer()
    app.add_typer(group, name="simulate")
    simulate_channels.register(group, wiring)

    @group.callback(invoke_without_command=True)
    def simulate(
        context: typer.Context,
        *,
        payments: Annotated[int, typer.Option(min=1_000, help="How many are counted.")] = 200_000,
        attack_rate: Annotated[
            float, typer.Option(min=0, max=0.5, help="The share of them that are frauds.")
        ] = 0.001,
        seed: Annotated[int, typer.Option(help="What the economy follows from.")] = 1,
        installed: Annotated[
            bool, typer.Option("--installed", help="The rules and models of this installation.")
        ] = False,
        train_seed: Annotated[
            int | None, typer.Option(help="Train models on an economy of this seed first.")
        ] = None,
        train_payments: Annotated[int, typer.Option(min=1_000, help="Of it.")] = 300_000,
        train_attack_rate: Annotated[
            float, typer.Option(min=0, max=0.5, help="Of it: models need frauds to learn from.")
        ] = 0.005,
        as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    ) -> None:
        """Let a made-up economy pay and steal in simulated time, and count what is caught.

        Every payment is decided in this process by the shipped rules, or by the rules and models in
        force here, without limits, balances and ledger: these stop more (see `anfu demo`). Nine
        typologies attack at the stated rate; honest people do what frauds do. With --train-seed the
        economy is lived through three times: decided by the rules alone, by models trained on the
        other economy alone, and by both. Takes minutes.

        Example: anfu simulate --payments 200000 --attack-rate 0.001 --seed 7 --train-seed 8
        """
        if context.invoked_subcommand is not None:
            return
        wish = _Wish(payments, attack_rate, seed)
        started = time.perf_counter()
        if train_seed is None:
            tally = asyncio.run(_run(wish, wiring if installed else None))
            found = {"seed": seed, **tally.document()}
            show(found, NOTES)
        else:
            taught = _Wish(train_payments, train_attack_rate, train_seed)
            found = {"seed": seed, "train": asdict(taught), **asyncio.run(_compare(wish, taught))}
        found["seconds"] = round(time.perf_counter() - started, 1)
        if as_json:
            print(json.dumps(found, ensure_ascii=False))


async def _run(wish: _Wish, wiring: Wiring | None) -> Tally:
    if wiring is None:
        engine = Engine(CATALOGUE, default_rule_set(), Profiles(CATALOGUE), graph=LinkGraph())
        return await _live(wish, engine)
    async with wiring.open() as running:
        force = running.tools.engine
        engine = Engine(force.catalogue, force.rule_set, Profiles(force.catalogue),
                        graph=LinkGraph(), models=force.models)  # fmt: skip
        return await _live(wish, engine)


async def _compare(wish: _Wish, taught: _Wish) -> dict[str, Any]:
    # The lab's packages are heavy and optional: they are loaded by whoever trains.
    from anfu.entrypoints.cli.simulate_training import policies, trained_on  # noqa: PLC0415

    world = _world(taught, taught.payments // _PAYMENTS_A_LEARNER)
    trained = await trained_on(world, taught.payments, warm_days=_WARM_DAYS, note=_say)
    found = {}
    for policy in policies(trained):
        _say(f"{wish.payments} payments decided by {policy.name}")
        found[policy.name] = (await _live(wish, policy.engine())).document()
    show(found["both"], NOTES)
    show_policies(found, NOTES)
    models = {one.declaration.name: one.figures["ranking"] for one in trained}
    return {"models": models, "policies": found}


async def _live(wish: _Wish, engine: Engine) -> Tally:
    world = _world(wish, wish.payments // _PAYMENTS_A_PAYER)
    trial = Trial(world, engine, _WARM_DAYS, note=_note)
    return await trial.run(wish.payments)


def _world(wish: _Wish, payers: int) -> World:
    payers = max(_FEWEST, payers)
    size = Size(payers, mules=max(30, payers // _PAYERS_A_MULE),
                shells=max(3, payers // _PAYERS_A_SHELL))  # fmt: skip
    return make_world(wish.seed, size, start=_START, attack=wish.attack)


def _note(tally: Tally) -> None:
    if NOTES.is_terminal:
        NOTES.print(f"[dim]{tally.payments} payments …[/dim]", end="\r")


def _say(text: str) -> None:
    NOTES.print(f"[dim]{text} …[/dim]")
