"""`anfu backtest`: what rules would have caught and cost, on our history or on a file."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
import uvloop
from rich.console import Console

from anfu.entrypoints.cli.backtest_view import show
from anfu.entrypoints.cli.laboratory import laboratory
from anfu.entrypoints.cli.replay_map import MapError, read_map
from anfu.entrypoints.cli.rules import rule_set_in_force
from anfu.entrypoints.cli.wiring import Wiring
from anfu.kernel.errors import Refused
from anfu.lab.backtests.backtest import run_wish
from anfu.lab.backtests.figures import Figures
from anfu.lab.backtests.report import report
from anfu.lab.backtests.trial import trial
from anfu.lab.backtests.wish import Wish, conditions_of, parse_tested
from anfu.lab.engines.opening import open_engine
from anfu.lab.history.foreign import Foreign, Taken, take_in
from anfu.lab.history.opened import HISTORY, TOLD
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.event import moment
from anfu.risk.rules import RuleSet, default_rule_set

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
NOTES = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line; `whole`: the rules are a rule set."""

    tested: RuleSet
    whole: bool
    start: datetime | None
    end: datetime | None
    cutoff: datetime | None
    label_delay: timedelta


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the command."""

    @app.command()
    def backtest(
        rules: Annotated[Path, typer.Argument(help="TOML: [[rule]], or a whole rule set.")],
        *,
        start: Annotated[str | None, typer.Option("--from", help="First moment.")] = None,
        end: Annotated[str | None, typer.Option("--to", help="Moment after the last.")] = None,
        cutoff: Annotated[str | None, typer.Option(help="No label said later is used.")] = None,
        label_days: Annotated[float, typer.Option(min=0, help="Days a label takes.")] = 30.0,
        history: Annotated[Path | None, typer.Option(help="A file instead of ours.")] = None,
        map_: Annotated[Path | None, typer.Option("--map", help="TOML: its columns.")] = None,
        html: Annotated[Path | None, typer.Option(help="Write a report.")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Test rules on history: what they would have caught and cost, beside the rules in force. A
        file with [thresholds] is a whole rule set. Times without a zone are of Asia/Shanghai.

        A feature a file does not have is computed from its rows.

        Example: anfu backtest rule.toml --from 2026-09-01 --to 2026-11-01 --html report.html
        """
        if (history is None) is not (map_ is None):
            raise typer.BadParameter("--history and --map go together")
        asked = Asked(
            *_tested(rules), _time(start), _time(end), _time(cutoff), timedelta(days=label_days)
        )
        if history is not None and map_ is not None:
            figures = _on_file(wiring, asked, history, map_)
        else:
            figures = uvloop.run(_on_ours(wiring, asked))
        if html is not None:
            html.write_text(report(figures), "utf-8")
        if as_json:
            print(json.dumps(msgspec.to_builtins(figures), ensure_ascii=False))
        else:
            show(figures, NOTES)


async def _on_ours(wiring: Wiring, asked: Asked) -> Figures:
    async with wiring.store() as store:
        clock = store.clock
        live = await rule_set_in_force(store)
        wish = _wish(asked, live, (_BEGINNING, clock.now()), clock.now())
        return await run_wish(laboratory(wiring, store.database, CATALOGUE), wish, clock)


def _on_file(wiring: Wiring, asked: Asked, file: Path, map_file: Path) -> Figures:
    with tempfile.TemporaryDirectory(prefix="anfu-backtest-", dir=_shared(wiring)) as folder:
        taken = _taken(file, map_file, Path(folder))
        if taken.left_out:
            NOTES.print(f"[yellow]{taken.left_out} rows are no payments and were left out[/yellow]")
        last = moment(taken.last + 1)
        span = moment(taken.first), last
        wish = _wish(asked, default_rule_set(), span, last + asked.label_delay)
        engine = open_engine(wiring.offline)
        try:
            engine.table(HISTORY, [taken.history])
            engine.table(TOLD, [taken.labels])
            return trial(engine, CATALOGUE, wish)
        finally:
            engine.close()


def _taken(file: Path, map_file: Path, folder: Path) -> Taken:
    try:
        map_ = read_map(map_file)
    except MapError as error:
        raise Refused("history_unreadable", field=map_file.name, problem=str(error)) from None
    columns = {n: c for n, c in msgspec.structs.asdict(map_.columns).items() if c is not None}
    foreign = Foreign(
        file=file,
        columns=columns,
        time_form=map_.times.form,
        zone=map_.times.zone,
        major=map_.amounts.unit == "major",
        currency=map_.amounts.currency,
        told_after=timedelta(days=map_.labels.told_after_days),
    )
    return take_in(foreign, folder)


def _shared(wiring: Wiring) -> Path | None:
    """A cluster reads files from the home folder; alone, any folder does."""
    if wiring.offline is None:
        return None
    wiring.home.mkdir(parents=True, exist_ok=True)
    return wiring.home


def _tested(file: Path) -> tuple[RuleSet, bool]:
    try:
        tested, whole = parse_tested(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Refused("rule_set_unreadable", field="rules", problem=str(error)) from None
    conditions_of(CATALOGUE, tested)
    return tested, whole


def _wish(asked: Asked, live: RuleSet, span: tuple[datetime, datetime], cutoff: datetime) -> Wish:
    return Wish(
        tested=asked.tested,
        live=live,
        whole=asked.whole,
        start=asked.start or span[0],
        end=asked.end or span[1],
        cutoff=asked.cutoff or cutoff,
        label_delay=asked.label_delay,
    )


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date or time") from None
    return found if found.tzinfo else found.replace(tzinfo=_SHANGHAI)
