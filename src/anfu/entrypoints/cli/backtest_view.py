"""The figures of a back-test on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from anfu.lab.backtests.figures import Ended, Figures, Sum
from anfu.lab.backtests.interval import Share


def show(figures: Figures, console: Console) -> None:
    """Print it."""
    span = figures.span
    console.print(
        f"{span.start} to {span.end}, labels said up to {span.cutoff}, payments judged after"
        f" {span.label_delay_days:g} days; open {span.open.count}"
    )
    if span.unknown:
        console.print(f"[yellow]not in this history, NULL: {', '.join(span.unknown)}[/yellow]")
    console.print(_ended(figures.everything, figures.acted))
    judged = figures.judged
    console.print(
        f"alerts {_share(figures.alert_rate)}; precision {_share(judged.precision)};"
        f" recall {_share(judged.recall)}; false alarms {_share(judged.false_alarm_rate)}"
    )
    change = figures.change
    console.print(
        f"fraud stopped that had passed {_sum(change.fraud_stopped)}, honest payments stopped"
        f" {_sum(change.honest_stopped)}; freed: fraud {_sum(change.fraud_freed)}, honest"
        f" {_sum(change.honest_freed)}"
    )
    for table in (_rules(figures), _overlap(figures), _turns(figures), _worst(figures)):
        if table.row_count:
            console.print(table)


def _ended(everything: Ended, acted: Ended) -> Table:
    table = Table("", "all", "acted on", title="How payments ended")
    for name in everything.__struct_fields__:
        table.add_row(name, _sum(getattr(everything, name)), _sum(getattr(acted, name)))
    return table


def _rules(figures: Figures) -> Table:
    table = Table("rule", "typology", "held", "caught", "false alarms", "precision", title="Tested")
    for rule in figures.rules:
        table.add_row(rule.rule, rule.typology or "", _sum(rule.held), _sum(rule.caught),
                      _sum(rule.alarms), _share(rule.precision))  # fmt: skip
    return table


def _overlap(figures: Figures) -> Table:
    title = "Beside each rule in force"
    table = Table("rule", "both", "tested only", "in force only", "frauds of these", title=title)
    for live in figures.overlap:
        if live.both.count or live.live_only.count:
            frauds = (live.fraud_both, live.fraud_tested_only, live.fraud_live_only)
            table.add_row(live.rule, _sum(live.both), _sum(live.tested_only), _sum(live.live_only),
                          " / ".join(map(str, frauds)))  # fmt: skip
    return table


def _turns(figures: Figures) -> Table:
    table = Table("then", "now", "payments", "frauds", title="Decided then, and now")
    for turn in figures.turns:
        table.add_row(turn.then, turn.now, _sum(turn.sum), str(turn.fraud))
    return table


def _worst(figures: Figures) -> Table:
    table = Table("payment", "at", "payer", "payee", "amount", "rules", title="Worst false alarms")
    for alarm in figures.worst[:10]:
        table.add_row(alarm.event, alarm.at, alarm.payer, alarm.payee, f"{alarm.amount:,}",
                      ", ".join(alarm.rules))  # fmt: skip
    return table


def _sum(value: Sum) -> str:
    return f"{value.count:,} ({value.value:,})"


def _share(share: Share) -> str:
    if share.share is None or share.low is None or share.high is None:
        return "of none"
    return f"{share.share:.2%} [{share.low:.2%}, {share.high:.2%}]"
