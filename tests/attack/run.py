"""`make attack`: the API attacked in every way we know; nothing may pass.

    python -m tests.attack.run objects guessing --keep

A table on standard error, JSON on standard output; status 1 when any attempt passed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from tests.attack import (
    assignment,
    enumeration,
    guessing,
    injection,
    malformed,
    objects,
    pages,
    replay,
    staff,
    timing,
)
from tests.attack.place import Place, open_place
from tests.attack.tally import Tally

from anfu.simulation.processes import stop_database

NOTES = Console(stderr=True, width=120)
KINDS: Mapping[str, Callable[[Place], Awaitable[list[Tally]]]] = {
    "objects": objects.attack,
    "guessing": guessing.attack,
    "enumeration": enumeration.attack,
    "timing": timing.attack,
    "replay": replay.attack,
    "pages": pages.attack,
    "staff": staff.attack,
    "injection": injection.attack,
    "assignment": assignment.attack,
    "malformed": malformed.attack,
}


async def run(home: Path, kinds: Sequence[str] = ()) -> list[Tally]:
    """Attack an installation in `home`, in the named kinds or in all."""
    tallies: list[Tally] = []
    async with open_place(home) as place:
        for kind in kinds or KINDS:
            started = time.monotonic()
            try:
                tallies += await KINDS[kind](place)
            except Exception as error:  # what was not tried to its end was not stopped
                broken = f"{type(error).__name__}: {error}"[:300]
                tallies.append(Tally(kind, "not tried to its end", 1, [broken]))
            NOTES.print(f"[dim]{kind}: {time.monotonic() - started:.0f} s[/dim]", highlight=False)
    return tallies


def show(tallies: Sequence[Tally]) -> None:
    """Attempts and passes, and what passed."""
    table = Table("attack", "attempts", "passes", "defence", title="attacks")
    for tally in tallies:
        colour = "red" if tally.passed else "green"
        passes = f"[{colour}]{len(tally.passed)}[/{colour}]"
        table.add_row(tally.kind, str(tally.attempts), passes, tally.defence)
    NOTES.print(table)
    for tally in tallies:
        for what in tally.told()["passed"]:
            NOTES.print(f"[red]{tally.kind}[/red]: {escape(what)}", highlight=False)


def main() -> None:
    """One run in a home of its own, which is removed when nothing passed."""
    parser = argparse.ArgumentParser(prog="attack", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="kind", help=" ".join(KINDS))
    parser.add_argument("--keep", action="store_true", help="leave the installation there")
    given = parser.parse_args()
    if unknown := set(given.kinds) - KINDS.keys():
        parser.error(f"no such kind: {', '.join(sorted(unknown))}")
    home = Path(tempfile.mkdtemp(prefix="anfu-attack-"))
    home.chmod(0o711)
    tallies = asyncio.run(run(home, given.kinds))
    show(tallies)
    print(json.dumps([tally.told() for tally in tallies], ensure_ascii=False))
    passed = any(tally.passed for tally in tallies)
    stop_database(home)
    if passed or given.keep:
        NOTES.print(f"everything is left in {home}", highlight=False)
    else:
        shutil.rmtree(home, ignore_errors=True)
    sys.exit(1 if passed else 0)


if __name__ == "__main__":
    main()
