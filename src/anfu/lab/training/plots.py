"""The plots of a model card as SVG: the same figures give the same bytes. Words on them are few and
plain; what they mean is said beside them, in both languages."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

_STYLE: Any = {"svg.hashsalt": "anfu", "font.size": 8, "axes.spines.top": False,
          "axes.spines.right": False, "svg.fonttype": "path"}  # fmt: skip
_INK, _FAINT = "#1f5fae", "#9aa4b1"
Figures = Mapping[str, Any]


def roc(figures: Figures) -> str:
    """Share of frauds caught over share of honest payments stopped."""
    points = figures["ranking"]["roc"]
    return _drawn(lambda axes: _curve(axes, points, ("false alarms", "caught"), diagonal=True))


def precision_recall(figures: Figures) -> str:
    """Precision over recall."""
    points = figures["ranking"]["precision_recall"]
    return _drawn(lambda axes: _curve(axes, points, ("recall", "precision")))


def reliability(figures: Figures) -> str:
    """Share of fraud seen over the score given."""
    points = [point[:2] for point in figures["reliability"]["bins"]]
    labels = ("score", "share of fraud")
    return _drawn(lambda axes: _curve(axes, points, labels, diagonal=True, marks=True))


def cost(figures: Figures) -> str:
    """Whole cost over the cutoff, in the main unit of the currency."""
    points = [(x, y / 100) for x, y in figures["grading"]["cost_curve"]]
    return _drawn(lambda axes: _curve(axes, points, ("cutoff", "cost")))


def importance(figures: Figures) -> str:
    """Average precision lost when a column is shuffled."""
    return _bars([(name, lost) for name, lost in reversed(figures["importance"][:15])])


def stability(figures: Figures) -> str:
    """The stability index of the columns that moved most."""
    moved = list(figures["steadiness"]["columns"].items())
    return _bars(list(reversed(moved[:10])))


def along(figures: Figures) -> str:
    """Average precision along the time the model was weighed on."""
    points = [(p["day"], p["average_precision"]) for p in figures["steadiness"]["along"]]
    known = [point for point in points if point[1] is not None]
    return _drawn(
        lambda axes: _curve(axes, known, ("day", "average precision"), marks=True, floor=True)
    )


def _curve(
    axes: Any,
    points: Sequence[Sequence[float]],
    labels: tuple[str, str],
    *,
    diagonal: bool = False,
    marks: bool = False,
    floor: bool = False,
) -> None:
    x, y = [p[0] for p in points], [p[1] for p in points]
    if diagonal:
        end = max([*x, *y, 1e-9]) if marks else 1.0
        axes.plot([0, end], [0, end], color=_FAINT, linewidth=0.8, linestyle="--")
    axes.plot(x, y, color=_INK, linewidth=1.4, marker="o" if marks else None, markersize=3)
    if floor:
        axes.set_ylim(bottom=0)
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])


def _bars(items: Sequence[tuple[str, float]]) -> str:
    def draw(axes: Any) -> None:
        axes.barh([name for name, _ in items], [value for _, value in items], color=_INK)

    return _drawn(draw, height=0.6 + 0.19 * len(items))


def _drawn(draw: Callable[[Any], None], *, height: float = 2.6) -> str:
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(4.2, height), layout="constrained")
        draw(figure.subplots())
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return re.sub(r"\s+$", "", text[text.index("<svg") :])
