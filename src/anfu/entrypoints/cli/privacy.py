"""`anfu privacy`: look for what must not lie about readable."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from anfu.compliance.privacy.papers import list_papers
from anfu.compliance.privacy.scan import Scan, scan_database, scan_files
from anfu.entrypoints.cli.wiring import Wiring
from anfu.kernel.errors import Refused

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
NOTES = Console(stderr=True, soft_wrap=True)


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Add the commands."""
    group = typer.Typer(help="Look after personal data.", no_args_is_help=True)
    app.add_typer(group, name="privacy")

    @group.command()
    def scan(
        paths: Annotated[
            list[Path] | None, typer.Argument(help="Log and export files, or folders of them.")
        ] = None,
        database: Annotated[bool, typer.Option(help="Look through the database as well.")] = True,
        as_json: Json = False,
    ) -> None:
        """Look for card numbers, resident ids, telephone numbers, codes, keys and passwords.

        Every text, JSON and bytes column of every table is read, in read-only transactions, and
        every file named. Ends with status 1 when something is found or cannot be read.

        Example: anfu privacy scan /var/log/anfu exports/history.parquet --json
        """
        found = uvloop.run(_scan(wiring, paths or [], database=database))
        _print(found)
        if as_json:
            print(json.dumps(document(found), ensure_ascii=False))
        raise typer.Exit(0 if found.clean else 1)


async def _scan(wiring: Wiring, paths: list[Path], *, database: bool) -> Scan:
    try:
        files = list_papers(paths)
    except FileNotFoundError as error:
        raise Refused("scan_path_missing", field=str(error)) from None
    scan = Scan()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=NOTES) as bar:
        if database:
            task = bar.add_task("database", total=None)
            async with wiring.store() as store:
                await scan_database(
                    scan,
                    store.database_url,
                    lambda pages: bar.update(task, total=pages),
                    lambda pages: bar.advance(task, pages),
                )
        if files:
            reading = bar.add_task("files", total=sum(file.stat().st_size for file in files))
            await scan_files(scan, files, lambda size: bar.advance(reading, size))
    return scan


def _print(scan: Scan) -> None:
    for finding in scan.tally.findings:
        said = f"{finding.kind}  {finding.place}  {finding.row}  {finding.sample}"
        NOTES.print(f"[red]✗[/] {escape(said)}", highlight=False)
    for name in scan.unread:
        NOTES.print(f"[red]✗[/] cannot be read 无法读取: {escape(name)}", highlight=False)
    looked = (
        f"{scan.rows:,} rows in {scan.columns} columns of {scan.tables} tables, {scan.files} files"
    )
    total = scan.tally.total
    end = "[green]nothing found 未发现[/]" if scan.clean else f"[red]{total:,} found 已发现[/]"
    NOTES.print(f"{looked}: {end}", highlight=False)


def document(scan: Scan) -> dict[str, Any]:
    """A scan as JSON values."""
    return {
        "clean": scan.clean,
        "found": scan.tally.total,
        "tables": scan.tables,
        "columns": scan.columns,
        "rows": scan.rows,
        "files": scan.files,
        "unread": scan.unread,
        "counts": [
            {"kind": kind, "place": place, "count": count}
            for (kind, place), count in sorted(scan.tally.counts.items())
        ],
        "findings": [
            {"kind": f.kind, "place": f.place, "row": f.row, "sample": f.sample}
            for f in scan.tally.findings
        ],
    }
