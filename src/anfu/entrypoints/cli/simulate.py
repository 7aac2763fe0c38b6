"""`anfu simulate`: what the shipped rules catch of each typology, and whom they disturb."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from anfu.entrypoints.cli.simulate_tally import Tally
from anfu.entrypoints.cli.simulate_trial import Trial
from anfu.entrypoints.cli.wiring import Wiring
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.engine import Engine
from anfu.risk.profiles import Profiles
from anfu.risk.rules import default_rule_set
from anfu.simulation.world import Size, make_world

NOTES = Console(stderr=True, width=120)
# Midnight in Shanghai before the first day, of no year in particular: the same seed, the same run.
_START = datetime(2026, 2, 28, 16, tzinfo=UTC)
_WARM_DAYS = 7
# So many payers that a run of the wished length is a month or so.
_PAYMENTS_A_PAYER, _FEWEST = 100, 200
_PAYERS_A_MULE, _PAYERS_A_SHELL = 25, 250


@dataclass(frozen=True, slots=True)
class _Wish:
    payments: int
    attack: float
    seed: int


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the command."""

    @app.command()
    def simulate(
        payments: Annotated[int, typer.Option(min=1_000, help="How many are counted.")] = 200_000,
        attack_rate: Annotated[
            float, typer.Option(min=0, max=0.5, help="The share of them that are frauds.")
        ] = 0.001,
        seed: Annotated[int, typer.Option(help="What the economy follows from.")] = 1,
        installed: Annotated[
            bool, typer.Option("--installed", help="The rules and models of this installation.")
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    ) -> None:
        """Let a made-up economy pay and steal in simulated time, and count what is caught.

        Every payment is decided in this process by the shipped rules, or by the rules and models in
        force here, without limits, balances and ledger: these stop more (see `anfu demo`). Nine
        typologies attack at the stated rate; honest people do what frauds do. Takes minutes.

        Example: anfu simulate --payments 200000 --attack-rate 0.001 --seed 7
        """
        wish = _Wish(payments, attack_rate, seed)
        started = time.perf_counter()
        tally = asyncio.run(_run(wish, wiring if installed else None))
        found = tally.document()
        found = {"seed": seed, "seconds": round(time.perf_counter() - started, 1), **found}
        _show(found)
        if as_json:
            print(json.dumps(found, ensure_ascii=False))


async def _run(wish: _Wish, wiring: Wiring | None) -> Tally:
    if wiring is None:
        return await _live(wish, Engine(CATALOGUE, default_rule_set(), Profiles(CATALOGUE)))
    async with wiring.open() as running:
        force = running.tools.engine
        engine = Engine(force.catalogue, force.rule_set, Profiles(force.catalogue),
                        models=force.models)  # fmt: skip
        return await _live(wish, engine)


async def _live(wish: _Wish, engine: Engine) -> Tally:
    payers = max(_FEWEST, wish.payments // _PAYMENTS_A_PAYER)
    size = Size(payers, mules=max(30, payers // _PAYERS_A_MULE),
                shells=max(3, payers // _PAYERS_A_SHELL))  # fmt: skip
    world = make_world(wish.seed, size, start=_START, attack=wish.attack)
    trial = Trial(world, engine, _WARM_DAYS, note=_note)
    return await trial.run(wish.payments)


def _note(tally: Tally) -> None:
    if NOTES.is_terminal:
        NOTES.print(f"[dim]{tally.payments} payments …[/dim]", end="\r")


def _show(found: dict[str, Any]) -> None:
    """The tables, on the side of the notes."""
    NOTES.print(_frauds(found))
    NOTES.print(_honest(found))
    met = {True: "[green]met[/green]", False: "[red]missed[/red]"}
    NOTES.print(
        f"fraud that got through: {found['fraud_value_rate']:.4%} of the value paid, target"
        f" {found['fraud_value_target']:.3%}: {met[found['fraud_value_met']]}"
    )
    NOTES.print(
        f"honest payments that succeeded: {found['success_rate']:.3%}, target"
        f" {found['success_target']:.0%}: {met[found['success_met']]};"
        f" challenged {found['honest_challenged_rate']:.3%},"
        f" refused {found['honest_refused_rate']:.3%}"
    )
    for row in found["between"]:
        who = "the payer is in it" if row["payer_is_in_it"] else "stolen"
        NOTES.print(
            f"  between: {row['kind']} ({who}): {row['share_of_losses']:.0%} of the losses,"
            f" {row['allowed']} allowed at once,"
            f" {row['passed_a_challenge_or_review']} after a challenge or review"
        )


def _frauds(found: dict[str, Any]) -> Table:
    table = Table(title=f"{found['payments']} payments, {found['attack_rate']:.3%} of them frauds")
    for name in ("typology", "runs", "tried", "value CNY", "through", "value through", "rules",
                 "model", "both", "95 %"):  # fmt: skip
        table.add_column(name, justify="left" if name == "typology" else "right")
    for kind, line in found["frauds"].items():
        low, high = line["met_rate_interval"]
        model = line["met_by_model_alone"]
        table.add_row(
            kind, str(line["runs"]), str(line["tried"]), _yuan(line["value"]),
            str(line["let_through"]), _yuan(line["value_let_through"]),
            _percent(line["met_by_rules_alone"], line["tried"]),
            "-" if model is None else _percent(model, line["tried"]),
            _percent(line["met_by_both"], line["tried"]), f"{low:.0%}-{high:.0%}",
        )  # fmt: skip
    return table


def _honest(found: dict[str, Any]) -> Table:
    table = Table(title="honest payments, by what they look like")
    for name in ("look like", "tried", "rules", "model", "both", "challenged", "reviewed",
                 "blocked", "not paid", "mostly for"):  # fmt: skip
        table.add_column(name, justify="left" if name in ("look like", "mostly for") else "right")
    for kind, line in found["honest"].items():
        tried, model = line["tried"], line["met_by_model_alone"]
        table.add_row(
            kind, str(tried), _percent(line["met_by_rules_alone"], tried),
            "-" if model is None else _percent(model, tried),
            _percent(line["met_by_both"], tried),
            *(str(line["outcomes"][o]) for o in ("CHALLENGE", "REVIEW", "BLOCK")),
            str(tried - line["let_through"]), next(iter(line["reasons"]), ""),
        )  # fmt: skip
    return table


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}"


def _percent(part: int, of: int) -> str:
    return f"{part / of:.2%}" if of else "-"
