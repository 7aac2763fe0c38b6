"""Writes `docs/reference/*.md` from the code, so that the papers cannot say anything else.

`python docs/build_reference.py` writes every page; a house test compares them with the code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer.main

from anfu.app.settings import SETTINGS
from anfu.channels.reasons import REASONS
from anfu.entrypoints.api.application import operations
from anfu.entrypoints.api.errors import PROBLEMS
from anfu.entrypoints.api.openapi import codes_of
from anfu.entrypoints.cli.commands import application
from anfu.limits.rulebook import shipped_rules
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.lists.declaration import shipped_lists
from anfu.risk.rules import default_rule_set

FOLDER = Path(__file__).parent / "reference"
NOTE = "<!-- Written from the code by `make docs`. Do not edit. -->"


def commands() -> str:
    """Every command of the command line with its options."""
    # Nothing of the wiring is used by asking a command what it is.
    app: Any = application(None)  # type: ignore[arg-type]
    return _page(
        "Commands", "Every command takes `--help`.", *_command("anfu", typer.main.get_command(app))
    )


def api() -> str:
    """The operations of the API and the codes each may answer with."""
    rows = [
        (f"`{o.method} {o.path}`", o.summary, f"`{o.scope}`" if o.scope else "", o.refusals)
        for o in operations(development_mode=True)
    ]
    common = sorted(
        set.intersection(*(set(codes_of(o)) for o in operations(development_mode=True)))
    )
    about = (
        f"The whole description is served at `/openapi.json`. Every operation may answer {common}."
    )
    columns = ("operation", "what it does", "scope", "refusals of its own")
    return _page("Operations", about, *_table(columns, rows))


def problems() -> str:
    """The codes of problem documents."""
    rows = [
        (f"`{p.code}`", p.status, p.title, p.remedy, p.title_zh, p.remedy_zh)
        for p in sorted(PROBLEMS.values(), key=lambda p: p.code)
    ]
    about = (
        "A request that is wrong is answered with a problem document (RFC 9457). Its `code` is"
        " stable; the text follows `Accept-Language`."
    )
    columns = ("code", "status", "what happened", "what to do", "发生了什么", "如何处理")
    return _page("Problem codes", about, *_table(columns, rows))


def reasons() -> str:
    """The reason codes of risk, with the rules that give them."""
    rules = default_rule_set()
    rows = [
        (f"`{r.reason}`", r.en, r.zh, r.grade, r.points, f"`{r.condition}`") for r in rules.rules
    ]
    about = (
        f"Rule set `{rules.version}`. A decision gives its reasons as codes, the strongest first."
        " Its grade is the highest of the rules that fired and of the score's thresholds:"
        f" middle {rules.thresholds.middle}, general {rules.thresholds.general}, high"
        f" {rules.thresholds.high}. Its outcome follows from the grade:"
        f" {', '.join(f'{g} {o}' for g, o in rules.outcomes.items())}."
    )
    columns = ("code", "English", "中文", "grade", "points", "condition")
    lists = [(f"`{d.reason}`", d.en, d.zh, d.kind, d.form, ", ".join(d.inputs), f"`{d.name}`")
             for d in shipped_lists()]  # fmt: skip
    heads = ("code", "English", "中文", "kind", "form", "inputs", "list")
    more = ("", "## Lists", "", "Shipped empty; see [lists](../lists.md).", "")
    return _page("Reason codes", about, *_table(columns, rows), *more, *_table(heads, lists))


def failures() -> str:
    """Why networks did not do what they were asked."""
    rows = [
        (f"`{code}`", r.fault, r.retry, r.en, r.next_en, r.zh, r.next_zh)
        for code, r in sorted(REASONS.items())
    ]
    about = (
        "What networks say in their own words becomes one of these codes: `failure` of a payment or"
        " refund, explained in its `remedy`. `retry` NEVER: not with these means; PAYER: once the"
        " payer has done what it says; LATER: the same again after a while; ROUTE: at once, through"
        " another network, which happens by itself where there is one."
    )
    columns = ("code", "whose", "retry", "what happened", "what to do", "发生了什么", "如何处理")
    return _page("Failures of networks", about, *_table(columns, rows))


def settings() -> str:
    """The environment variables that `app` reads."""
    rows = [(f"`{s.name}`", f"`{s.default}`" if s.default else "", s.meaning) for s in SETTINGS]
    about = "Settings are environment variables, read once, by `anfu/app` alone."
    return _page("Settings", about, *_table(("variable", "default", "meaning"), rows))


def limit_rules() -> str:
    """The limit rules that are shipped, with their law."""
    rows = [
        (f"`{r.id}`", r.law.number, r.law.article, r.title_en, r.title_zh, r.window, r.most,
         r.law.quote)
        for r in shipped_rules()
    ]  # fmt: skip
    about = (
        "Rules are data. A refusal names the rule, its article, what is left and when it resets."
        " Amounts are minor units."
    )
    columns = ("rule", "law", "article", "English", "中文", "window", "most", "quote")
    return _page("Limit rules", about, *_table(columns, rows))


def features() -> str:
    """The catalogue of features, after the inputs."""
    columns = ("name", "unit", "English", "中文")
    inputs = [(f"`{i.name}`", i.unit, i.en, i.zh) for i in CATALOGUE.inputs]
    rows = [(f"`{f.name}`", f.unit, f.en, f.zh, f.purpose) for f in CATALOGUE.features]
    about = (
        f"Catalogue `{CATALOGUE.version}`. A window is half-open in event time, and the payment"
        " being decided is in it unless the feature has a delay or is read by another's key. What"
        " is for ANTI_FRAUD may be used for nothing else (反电信网络诈骗法 art. 18)."
    )
    found = [(f"`{f.name}`", f.unit, f.en, f.zh) for f in CATALOGUE.findings]
    given = ("## Inputs", "", *_table(columns, inputs), "", "## Features", "")
    after = ("", "## Findings", "", *_table(columns, found))
    return _page("Features", about, *given, *_table((*columns, "purpose"), rows), *after)


def contents() -> str:
    """This page."""
    rows = [(f"[{name}]({name})", page.__doc__) for name, page in PAGES.items()]
    return _page("Reference", "Written from the code.", *_table(("page", "holds"), rows[1:]))


PAGES: Mapping[str, Callable[[], str]] = {
    "README.md": contents,
    "api.md": api,
    "commands.md": commands,
    "failures.md": failures,
    "features.md": features,
    "limit-rules.md": limit_rules,
    "problems.md": problems,
    "reasons.md": reasons,
    "settings.md": settings,
}


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), "utf-8")


def _page(title: str, about: str, *lines: str) -> str:
    return "\n".join([f"# {title}", "", NOTE, "", about, "", *lines]).rstrip() + "\n"


def _table(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    columns = list(columns)
    yield "| " + " | ".join(columns) + " |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield "| " + " | ".join(_cell(value) for value in row) + " |"


def _cell(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        value = ", ".join(f"`{part}`" for part in value)
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")


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
    main()
