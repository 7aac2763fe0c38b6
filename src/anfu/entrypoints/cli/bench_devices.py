"""`anfu bench devices`: how often a device is known again, and how often for another.

Every visit goes through the recognition of the installation (`find_alike` over the candidates that
share a block, or were seen with the payer), with an index in memory in place of the database.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from anfu.parties.devices.likeness import Candidate, Traits, blocks, find_alike
from anfu.simulation.browsers import KINDS, Browser, befall, population

_MOST = 64


@dataclass(frozen=True, slots=True)
class Row:
    """Of `visits`: `known` as what they are, `missed` taken for new, `wrong` for another device."""

    kind: str
    visits: int
    known: int
    missed: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Devices:
    """`rows` by what befell the browser, with its payer named and without; `first`: a browser never
    seen, `wrong` where it was taken for one that was; `lookalike`: a thief's browser of the
    victim's own model and version, elsewhere, in the victim's name, `wrong` where it was taken for
    the victim's. Shares are of visits."""

    browsers: int
    seed: int
    identification_rate: float
    false_link_rate: float
    rows: list[Row]


@dataclass(slots=True)
class Register:
    """What `parties.device` holds, in memory: the newest traits by device."""

    traits: dict[int, Traits] = field(default_factory=dict)
    keys: dict[int, int] = field(default_factory=dict)
    blocks: dict[str, dict[int, None]] = field(default_factory=lambda: defaultdict(dict))
    payers: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def find(self, browser: Browser, payer: int | None) -> int | None:
        """The device it is taken for; None for a new one."""
        known = self.keys.get(browser.key)
        if known is not None:
            return known
        traits = browser.traits()
        own = self.payers[payer] if payer is not None else set()
        near = {d for b in blocks(traits) for d in list(self.blocks[b])[-_MOST:]}
        ranked = [*own, *sorted(near - own, reverse=True)][:_MOST]
        found = find_alike(
            traits, [Candidate(str(d), self.traits[d], own=d in own) for d in ranked]
        )
        return None if found is None else int(found)

    def learn(self, browser: Browser) -> None:
        """The browser as it is now, under its own number: a mistake is counted once."""
        number = browser.number
        for block in blocks(self.traits.get(number, {})):
            self.blocks[block].pop(number, None)
        self.traits[number] = traits = browser.traits()
        for block in blocks(traits):
            self.blocks[block][number] = None
        self.keys[browser.key] = number
        self.payers[browser.payer].add(number)


def register(group: typer.Typer) -> None:
    """Add the command."""

    @group.command()
    def devices(
        *,
        browsers: Annotated[int, typer.Option(min=10, help="How many browsers.")] = 5_000,
        seed: Annotated[int, typer.Option(help="Seed of the population.")] = 1,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Recognise a simulated population after updates, cleared storage and other networks.

        Example: anfu bench devices --browsers 5000 --json
        """
        figures = measure(browsers, seed)
        if as_json:
            print(json.dumps(asdict(figures)))
        else:
            _show(figures)


def measure(count: int, seed: int) -> Devices:
    """The table."""
    dice = random.Random(seed)  # noqa: S311 - repeatable by intent
    browsers, book = population(count, dice), Register()
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    for browser in browsers:
        tally["first"][_said(book.find(browser, browser.payer), None)] += 1
        book.learn(browser)
    for kind in KINDS:
        for browser in browsers:
            befall(browser, kind, dice)
            for payer in (browser.payer, None):
                name = kind if payer else f"{kind}, no payer"
                tally[name][_said(book.find(browser, payer), browser.number)] += 1
            book.learn(browser)
    for browser in browsers:
        thief = _thief(browser, dice)
        tally["lookalike"][_said(book.find(thief, browser.payer), None)] += 1
    rows = [Row(name, t.total(), t["known"], t["missed"], t["wrong"]) for name, t in tally.items()]
    again = [row for row in rows if row.kind in KINDS]
    visits = sum(row.visits for row in again)
    wrong = sum(row.wrong for row in rows if row.kind in (*KINDS, "first"))
    known = sum(row.known for row in again)
    return Devices(count, seed, known / visits, wrong / (visits + count), rows)


def _thief(victim: Browser, dice: random.Random) -> Browser:
    return Browser(
        number=-1,
        payer=-1,
        phone=victim.phone,
        model=victim.model,
        version=victim.version,
        fonts=dice.randrange(400),
        voices=dice.randrange(30),
        language=victim.language,
        network=dice.randrange(20_000_000, 30_000_000),
        key=dice.getrandbits(62),
        plugins=victim.plugins,
    )


def _said(found: int | None, right: int | None) -> str:
    if found == right:
        return "known"
    return "missed" if found is None else "wrong"


def _show(figures: Devices) -> None:
    table = Table(title=f"{figures.browsers} browsers, seed {figures.seed}")
    for column in ("what befell it", "visits", "known", "missed", "wrong"):
        table.add_column(column, justify="left" if column.startswith("what") else "right")
    for row in figures.rows:
        table.add_row(row.kind, *map(str, (row.visits, row.known, row.missed, row.wrong)))
    console = Console()
    console.print(table)
    console.print(
        f"known again {figures.identification_rate:.2%}, false links {figures.false_link_rate:.3%}"
    )
