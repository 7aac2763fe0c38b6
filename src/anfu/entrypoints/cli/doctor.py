"""`anfu doctor`: what is wrong with this installation and how to mend it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from anfu.entrypoints.cli import doctor_installation as installation
from anfu.entrypoints.cli.doctor_findings import NAMES, Finding, Health
from anfu.entrypoints.cli.doctor_networks import check_calendar, check_networks
from anfu.entrypoints.cli.doctor_profiles import check_profiles
from anfu.entrypoints.cli.doctor_state import check_state, worst
from anfu.entrypoints.cli.evidence import Json, chosen
from anfu.entrypoints.cli.wiring import Pieces, Wiring
from anfu.kernel.clock import SystemClock
from anfu.kernel.errors import Outcome, OutsideFailure, Refused
from anfu.settlement.calendar.working_days import last_day
from anfu.storage.embedded import EmbeddedServer, Place, find_place, running_pid
from anfu.storage.survey import Survey, survey

_COLOURS = {Health.GOOD: "green", Health.WARNING: "yellow", Health.BAD: "red"}
_STATES = {Health.GOOD: "正常", Health.WARNING: "警告", Health.BAD: "故障"}


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the command."""

    @app.command()
    def doctor(
        language: Annotated[str, typer.Option(help="en or zh.")] = "en", as_json: Json = False
    ) -> None:
        """Say what is wrong with this installation and how to mend it. Makes and changes nothing.

        Ends with status 1 when something is bad; a warning is none.

        Example: anfu doctor --language zh
        """
        chinese = chosen(language)
        findings = uvloop.run(_examine(wiring))
        _print(findings, chinese=chinese, as_json=as_json)
        raise typer.Exit(1 if any(f.health is Health.BAD for f in findings) else 0)


async def _examine(wiring: Wiring) -> list[Finding]:
    try:
        pieces = wiring.pieces()
    except Refused as refusal:
        return [installation.check_settings(refusal), installation.check_disk(wiring.home)]
    with ExitStack() as stack:
        return await _Examination(pieces, stack).findings(wiring)


class _Examination:
    """The server, when it is ours and was made before, runs for the length of it."""

    def __init__(self, pieces: Pieces, stack: ExitStack) -> None:
        self.pieces = pieces
        self.url = pieces.database_url
        self.place: Place | None = None
        self.failure: OutsideFailure | None = None
        self.was_up = False
        if self.url is None:
            self._find_server(stack)

    def _find_server(self, stack: ExitStack) -> None:
        try:
            self.place = find_place(self.pieces.postgres)
            if self.place is not None:
                self.was_up = running_pid(self.place) is not None
                self.url = stack.enter_context(EmbeddedServer(self.pieces.postgres)).url
        except OutsideFailure as failure:
            self.failure = failure
        except OSError as error:
            self.failure = _unreachable(error)

    async def findings(self, wiring: Wiring) -> list[Finding]:
        surveyed, failure = await self._survey()
        fresh = self.place is None if surveyed is None else surveyed.fresh
        pieces = self.pieces
        found = [
            installation.check_settings(None),
            installation.check_keys(
                pieces.key_files, fresh=fresh and (failure is None or surveyed is not None)
            ),
            installation.check_mode(pieces),
            installation.check_disk(wiring.home),
            installation.check_server(pieces, self.place, self.failure, was_up=self.was_up),
        ]
        if self.url is not None:
            found.append(installation.check_database(failure))
        if surveyed is not None and self.url is not None:
            found += _of_survey(surveyed)
            if surveyed.role and not surveyed.pending and not surveyed.changed:
                known = all(file.problem is None for file in pieces.key_files)
                key = wiring.signer().key if known else None
                found += await check_state(self.url, key, now=SystemClock().now())
        now = SystemClock().now()
        found += [check_networks(pieces.networks, now=now), check_calendar(last_day(), now=now)]
        found.append(await check_profiles(pieces.profiles))
        found.append(await installation.check_sandbox(pieces.sandbox_url))
        return found

    async def _survey(self) -> tuple[Survey | None, OutsideFailure | None]:
        if self.url is None:
            return None, None
        try:
            return await survey(self.url, append_only=installation.APPEND_ONLY), None
        except OutsideFailure as failure:
            return None, failure


def _of_survey(surveyed: Survey) -> list[Finding]:
    found = [
        installation.check_version(surveyed),
        installation.check_migrations(surveyed),
        installation.check_durability(surveyed),
        installation.check_checksums(surveyed),
        installation.check_clock(surveyed, now=SystemClock().now()),
    ]
    if not surveyed.fresh:
        found.append(installation.check_rights(surveyed))
    return found


def _print(findings: Sequence[Finding], *, chinese: bool, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"health": worst(findings), "checks": [_document(f) for f in findings]}))
        return
    header = (
        ("检查", "状态", "发现", "处置") if chinese else ("check", "state", "finding", "remedy")
    )
    table = Table(*header)
    for finding in findings:
        colour = _COLOURS[finding.health]
        state = _STATES[finding.health] if chinese else finding.health
        table.add_row(
            NAMES[finding.check][chinese],
            f"[{colour}]{state}[/]",
            escape(finding.finding[chinese]),
            escape(finding.remedy[chinese]),
        )
    Console(stderr=True).print(table)


def _document(finding: Finding) -> dict[str, object]:
    return {
        "name": finding.check,
        "state": finding.health,
        "finding": dict(zip(("en", "zh"), finding.finding, strict=True)),
        "remedy": dict(zip(("en", "zh"), finding.remedy, strict=True)),
    }


def _unreachable(error: OSError) -> OutsideFailure:
    return OutsideFailure(Outcome.NOT_DONE, str(error))
