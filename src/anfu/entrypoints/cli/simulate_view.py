"""The tables of `anfu simulate`."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

_MET = {True: "[green]met[/green]", False: "[red]missed[/red]"}


def show(found: dict[str, Any], notes: Console) -> None:
    """What came of one way to decide."""
    notes.print(_frauds(found))
    notes.print(_honest(found))
    notes.print(
        f"fraud that got through: {found['fraud_value_rate']:.4%} of the value paid, target"
        f" {found['fraud_value_target']:.3%}: {_MET[found['fraud_value_met']]}"
    )
    notes.print(
        f"honest payments that succeeded: {found['success_rate']:.3%}, target"
        f" {found['success_target']:.0%}: {_MET[found['success_met']]};"
        f" challenged {found['honest_challenged_rate']:.3%},"
        f" refused {found['honest_refused_rate']:.3%}"
    )
    for row in found["between"]:
        who = "the payer is in it" if row["payer_is_in_it"] else "stolen"
        notes.print(
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


def show_policies(found: dict[str, dict[str, Any]], notes: Console) -> None:
    """The ways to decide side by side: what each stopped, let through and disturbed."""
    table = Table(title="the same economy, decided in each way: value let through, CNY")
    table.add_column("typology")
    for name in found:
        table.add_column(name, justify="right")
    for kind in dict.fromkeys(k for document in found.values() for k in document["frauds"]):
        lines = [document["frauds"].get(kind) for document in found.values()]
        table.add_row(kind, *(_through(line) for line in lines))
    for name, part in (("fraud value through", "fraud_value_rate"),
                       ("honest that succeeded", "success_rate"),
                       ("honest challenged", "honest_challenged_rate"),
                       ("honest refused", "honest_refused_rate")):  # fmt: skip
        table.add_row(name, *(f"{document[part]:.4%}" for document in found.values()))
    notes.print(table)


def _through(line: dict[str, Any] | None) -> str:
    return "-" if line is None else f"{_yuan(line['value_let_through'])} of {_yuan(line['value'])}"
