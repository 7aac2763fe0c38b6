"""Writes `docs/reference/*.md` from the code, so that the papers cannot say anything else.

`python docs/build_reference.py` writes every page; a house test compares them with the code.
"""

from __future__ import annotations

import dataclasses
import importlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from anfu.kernel.money import Money

FOLDER = Path(__file__).parent / "reference"
NOTE = "<!-- Written from the code by `make docs`. Do not edit. -->"


class NotBuilt(Exception):  # noqa: N818 - a fact about the house, not a failure
    """A module a page is made from does not exist yet."""


def commands() -> str:
    """Every command of the command line with its options."""
    import typer.main  # noqa: PLC0415 - only this page needs it

    application = _found("anfu.entrypoints.cli.commands", "application")
    command = typer.main.get_command(application(None))  # what it is wired to does not show
    return _page("Commands", "Every command takes `--help`.", *_command("anfu", command))


def problems() -> str:
    """The codes of problem documents."""
    table = _found("anfu.entrypoints.api.errors", "PROBLEMS")
    about = (
        "A request that is wrong is answered with a problem document (RFC 9457). Its `code` is"
        " stable; the text follows `Accept-Language`."
    )
    columns = [name for name in _columns(table.values()) if name != "code"]
    rows = [[f"`{code}`", *_cells(table[code], columns)] for code in sorted(table)]
    return _page("Problem codes", about, *_table(("code", *columns), rows))


def reasons() -> str:
    """The reason codes of risk."""
    rules = _found("anfu.risk.rules", "default_rule_set")().rules
    about = (
        "A decision gives its reasons as codes, the weightiest first. These are the shipped rules."
    )
    fields = ("reason", "outcome", "points", "condition", "en", "zh")
    rows = sorted(_cells(rule, fields) for rule in rules)
    columns = ("reason", "outcome", "points", "when", "English", "中文")
    return _page("Reason codes", about, *_table(columns, rows))


def settings() -> str:
    """The environment variables that `app` reads."""
    names = ("name", "default", "meaning")
    rows = [_cells(setting, names) for setting in _found("anfu.app.settings", "SETTINGS")]
    about = "Settings are environment variables, read once, by the room `app` alone."
    return _page("Settings", about, *_table(names, rows))


def limit_rules() -> str:
    """The limit rules that are shipped, with their law."""
    about = "Rules are data. A refusal names its rule, the article, what is left, when it resets."
    columns = ("id", "English", "中文", "law", "metric", "window", "max", "from", "certainty")
    rows = [_limit_rule(rule) for rule in _found("anfu.limits.rulebook", "shipped_rules")()]
    return _page("Limit rules", about, *_table(columns, rows))


def features() -> str:
    """The catalogue of features, after the inputs."""
    catalogue = _found("anfu.risk.catalogue", "CATALOGUE")
    names = ("name", "unit", "en", "zh")
    inputs = [_cells(entry, names) for entry in catalogue.inputs]
    rows = [_cells(entry, names) for entry in catalogue.features]
    about = (
        f"Catalogue `{catalogue.version}`. A window is half-open in event time, and the payment"
        " being decided is in it."
    )
    columns = ("name", "unit", "English", "中文")
    title = ("## Inputs", "", *_table(columns, inputs), "", "## Features", "")
    return _page("Features", about, *title, *_table(columns, rows))


def contents() -> str:
    """This page."""
    rows = [(f"`{name}`", page.__doc__) for name, page in PAGES.items()]
    return _page("Reference", "Written from the code.", *_table(("page", "holds"), rows[1:]))


PAGES: Mapping[str, Callable[[], str]] = {
    "README.md": contents,
    "commands.md": commands,
    "problems.md": problems,
    "reasons.md": reasons,
    "settings.md": settings,
    "limit-rules.md": limit_rules,
    "features.md": features,
}


def main() -> int:
    """Write the pages; returns 1 when one cannot be made."""
    FOLDER.mkdir(exist_ok=True)
    missing = 0
    for name, page in PAGES.items():
        try:
            (FOLDER / name).write_text(page(), "utf-8")
        except NotBuilt as reason:
            missing = 1
            print(f"{name}: {reason}", file=sys.stderr)
    return missing


def _found(module: str, name: str) -> Any:
    """`name` of `module`; raises NotBuilt while there is no such module."""
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("anfu"):
            raise
        raise NotBuilt(f"{module} is not built yet") from None


def _page(title: str, about: str, *lines: str) -> str:
    return "\n".join([f"# {title}", "", NOTE, "", about, "", *lines]).rstrip() + "\n"


def _table(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    columns = list(columns)
    yield "| " + " | ".join(columns) + " |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield "| " + " | ".join(_cell(value) for value in row) + " |"


def _cell(value: Any) -> str:
    if isinstance(value, (list, tuple, set, frozenset)):
        parts = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        value = ", ".join(str(part) for part in parts)
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")


def _columns(entries: Iterable[Any]) -> tuple[str, ...]:
    """The field names of the first entry: dataclass, struct, mapping, or a plain value."""
    entry = next(iter(entries))
    if dataclasses.is_dataclass(entry):
        return tuple(f.name for f in dataclasses.fields(entry))
    if isinstance(entry, Mapping):
        return tuple(entry)
    if hasattr(entry, "__struct_fields__"):
        return tuple(entry.__struct_fields__)
    if isinstance(entry, tuple):
        return tuple(getattr(entry, "_fields", None) or map(str, range(1, len(entry) + 1)))
    return ("meaning",)


def _cells(entry: Any, columns: Iterable[str]) -> list[Any]:
    if isinstance(entry, Mapping):
        return [entry.get(column) for column in columns]
    if isinstance(entry, tuple):
        return list(entry)
    return [getattr(entry, column, entry) for column in columns]


def _limit_rule(rule: Any) -> list[Any]:
    law = f"{rule.law.name} ({rule.law.number}) {rule.law.article}: {rule.law.quote}"
    most = f"{rule.operator} {Money(rule.maximum, rule.currency)}"
    names = (f"`{rule.id}`", rule.title_en, rule.title_zh)
    return [*names, law, rule.metric, rule.window, most, rule.effective_from, rule.provenance]


def _command(path: str, command: Any) -> Iterator[str]:
    """A section for `command`, then one for each command below it."""
    yield from (f"## {path}", "", (command.help or "").strip(), "")
    rows = [
        (f"`{' '.join(option.opts)}`", getattr(option, "help", None) or "")
        for option in command.params
        if "--help" not in option.opts
    ]
    if rows:
        yield from (*_table(("argument or option", "meaning"), rows), "")
    for name, child in sorted(getattr(command, "commands", {}).items()):
        if not child.hidden:
            yield from _command(f"{path} {name}", child)


if __name__ == "__main__":
    sys.exit(main())
