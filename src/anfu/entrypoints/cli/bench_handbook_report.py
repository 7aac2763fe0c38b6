"""The figures of `anfu bench handbook` as tables."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from anfu.entrypoints.cli.bench_handbook_measure import Figures, Scored
from anfu.lab.handbook.protocol import Quality


def show(figures: Figures, notes: Console) -> None:
    """Quality beside the book's, features beside the published, grades, latency."""
    notes.print(_quality(figures))
    if figures.selection:
        notes.print(_scored("Weeks the settings were chosen on", figures.selection))
    notes.print(_features(figures))
    notes.print(_grades(figures))
    taken = figures.latency
    notes.print(
        f"{taken.decisions} decisions: p50 {taken.p50_us} us, p99 {taken.p99_us} us,"
        f" p99.9 {taken.p999_us} us, processor {taken.cpu_us} us each; {figures.seconds} s in all"
    )
    notes.print(f"conditions: {figures.conditions}")
    for fault in figures.faults:
        notes.print(f"[red]{fault}[/red]")


def _quality(figures: Figures) -> Table:
    title = f"Mean of the folds from {', '.join(figures.folds)}; CP@100 at most"
    table = _scored(f"{title} {figures.ceiling:.3f}", figures.candidates)
    for name, quality in figures.published.items():
        table.add_row(f"the book's {name}", "7", *_cells(quality), "")
    return table


def _scored(title: str, candidates: list[Scored]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in ("model", "days", "AUC ROC", "average precision", "CP@100", "by fold"):
        table.add_column(column)
    for scored in candidates:
        folds = " ".join(f"{part.average_precision:.3f}" for part in scored.folds)
        table.add_row(scored.name, str(scored.days), *_cells(scored.mean), folds)
    return table


def _cells(quality: Quality) -> tuple[str, str, str]:
    return (
        f"{quality.auc_roc:.3f}",
        f"{quality.average_precision:.4f}",
        f"{quality.card_precision:.3f}",
    )


def _features(figures: Figures) -> Table:
    table = Table(title="Online features beside the published", title_justify="left")
    for column in ("feature", "rows", "agree", "same second", "unexplained"):
        table.add_column(column)
    for compared in figures.features:
        share = f"{compared.agree / compared.rows:.4%}"
        table.add_row(
            compared.name, str(compared.rows), share, str(compared.same_second),
            str(compared.unexplained),
        )  # fmt: skip
    if figures.offline is not None:
        wrong = sum(figures.offline.values())
        table.caption = f"{len(figures.offline)} features as SQL: {wrong} values differ"
    return table


def _grades(figures: Figures) -> Table:
    table = Table(title="Verdicts of the test weeks", title_justify="left")
    for column in ("grade", "payments", "frauds among them"):
        table.add_column(column)
    for graded in figures.grades:
        table.add_row(graded.grade, str(graded.payments), str(graded.frauds))
    return table
