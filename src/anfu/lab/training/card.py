"""The model card: one HTML file that needs nothing beside it, in English and Chinese.

Every text that comes from data is escaped; the same figures give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from html import escape
from typing import Any

from anfu.lab.training import plots
from anfu.lab.training.sample import DAY_US
from anfu.risk.event import EPOCH

_STYLE = """
body { font: 14px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; color: #1c2733;
  max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .5rem 0; } th, td { padding: .2rem .7rem;
  border-bottom: 1px solid #dde3ea; text-align: right; } th:first-child, td:first-child
  { text-align: left; } .plots { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { margin: 0; } figcaption { max-width: 24rem; color: #55606e; font-size: 12px; }
.flag { color: #b3261e; font-weight: 600; } svg { max-width: 100%; height: auto; }
"""
_CURVES = (
    (plots.roc, "Frauds caught as more honest payments are stopped.", "误拦截率与欺诈召回率。"),
    (plots.precision_recall, "How many alerts are frauds as more frauds are caught.",
     "召回率与精确率。"),
    (plots.reliability, "Whether a score of so much means so much fraud.", "分数与实际欺诈占比。"),
    (plots.cost, "What mistakes cost over the cutoff of a challenge, in the main unit.",
     "挑战阈值与总损失（元）。"),
    (plots.importance, "What the model leans on: precision lost when a column is shuffled.",
     "打乱某列后平均精确率的损失。"),
    (plots.stability, "Columns that moved most between fitting and weighing.",
     "拟合期与评估期之间变化最大的特征（PSI）。"),
    (plots.along, "Average precision along the time of weighing.", "评估期内平均精确率的走势。"),
)  # fmt: skip


def fraud_card(figures: Mapping[str, Any]) -> str:
    """The card of a fraud model."""
    ranking, reliability = figures["ranking"], figures["reliability"]
    headline = [
        ("AUC", "AUC", ranking["auc"]),
        ("average precision", "平均精确率", ranking["average_precision"]),
        ("Brier score", "Brier 分数", reliability["brier"]),
        ("calibration error", "校准误差", reliability["calibration_error"]),
        ("stability of the score (PSI)", "分数稳定性 PSI", figures["steadiness"]["score"]),
        ("other seeds", "其他随机种子", ", ".join(map(str, figures["seeds"]))),
    ]
    return _page(
        figures,
        _table(("figure", "指标", "value / 值"), headline),
        _candidates(figures),
        _grades(figures),
        _fairness(figures["fairness"]),
        _curves(figures),
    )


def anomaly_card(figures: Mapping[str, Any]) -> str:
    """The card of an anomaly model."""
    headline = [
        ("AUC against the labels there are", "对现有标签的 AUC", figures["ranking"]["auc"]),
        ("stability of the score (PSI)", "分数稳定性 PSI", figures["steadiness"]["score"]),
    ]
    shown = [_CURVES[0], _CURVES[1], _CURVES[5], _CURVES[6]]
    return _page(
        figures, _table(("figure", "指标", "value / 值"), headline), _curves(figures, shown)
    )


def _page(figures: Mapping[str, Any], *sections: str) -> str:
    title = escape(f"{figures['name']} · {figures['family']}")
    parts = [
        (name, part["rows"], part["frauds"],
         *(_day(part[when]) for when in ("since_us", "until_us", "labels_known_by_us")))
        for name, part in figures["parts"].items()
    ]  # fmt: skip
    about = _table(
        ("part / 阶段", "rows / 行数", "frauds / 欺诈", "from / 起", "to / 止",
         "labels known by / 标签截止"), parts,
    )  # fmt: skip
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>{title}</title>'
        f"<style>{_STYLE}</style><h1>Model card · 模型说明: {title}</h1>"
        "<p>Figures are of the last part, on which nothing was fitted or chosen, and of the ONNX"
        " that would serve. A label counts from the moment it was told. 各项指标均来自最后阶段"
        "（未参与拟合与选择），由实际部署的 ONNX 计算；标签自告知之时起生效。</p>"
        f"{about}<p>seed / 随机种子 {figures['seed']}, {len(figures['columns'])} columns / 列</p>"
        f"{''.join(sections)}</html>\n"
    )


def _candidates(figures: Mapping[str, Any]) -> str:
    rows = [
        (name, c["chosen_by"], c["auc"], c["average_precision"], c["calibration"], c["bytes"],
         c["onnx_differs_by"]) for name, c in figures["candidates"].items()
    ]  # fmt: skip
    columns = ("candidate / 候选", "chosen by / 选择依据", "AUC", "AP", "calibration / 校准",
               "bytes", "ONNX ≠ trainer")  # fmt: skip
    left = "".join(f"<p class=flag>{escape(name)}: {apart}</p>"
                   for name, apart in figures["unfaithful"].items())  # fmt: skip
    return f"<h2>Candidates · 候选模型</h2>{_table(columns, rows)}{left}"


def _grades(figures: Mapping[str, Any]) -> str:
    columns = ("from grade / 等级起", "cutoff / 阈值", "alerts / 告警", "alert rate / 告警率",
               "precision / 精确率", "recall / 召回率", "value caught / 金额召回",
               "false alarms / 误拦截率")  # fmt: skip
    table = [(name, *grade.values()) for name, grade in figures["grading"]["grades"].items()]
    costs = ", ".join(f"{name} {value:g}" for name, value in figures["costs"].items())
    return (
        f"<h2>Grades by cost · 按损失定级</h2>{_table(columns, table)}"
        f"<p>Costs, minor units · 损失参数（分）: {escape(costs)}</p>"
    )


def _fairness(fairness: Mapping[str, Any]) -> str:
    made = ["<h2>Fairness · 公平性</h2>"]
    made.append(
        f"<p>Honest payers stopped: {fairness['false_alarm_rate']} of all. A group is flagged when"
        " it is stopped more than 1.25 times as often and chance does not explain it."
        " 诚实付款人被拦截的总体比例；某群体超过总体 1.25 倍且非偶然时标记。</p>"
    )
    columns = ("group / 群体", "rows / 行数", "alert rate / 告警率", "precision / 精确率",
               "recall / 召回率", "false alarms / 误拦截率", "")  # fmt: skip
    for name, groups in fairness["groups"].items():
        rows = [(value, g["rows"], g["alert_rate"], g["precision"], g["recall"],
                 g["false_alarm_rate"], "⚑" if g["flagged"] else "")
                for value, g in groups.items()]  # fmt: skip
        made.append(f"<h3>{escape(name)}</h3>{_table(columns, rows)}")
    return "".join(made)


def _curves(figures: Mapping[str, Any], shown: Sequence[Any] = _CURVES) -> str:
    drawn = [
        f"<figure>{plot(figures)}<figcaption>{en} {zh}</figcaption></figure>"
        for plot, en, zh in shown
    ]
    return f'<h2>Plots · 图</h2><div class="plots">{"".join(drawn)}</div>'


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(_said(value))}</td>" for value in row) + "</tr>"
        for row in rows
    )
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _said(value: Any) -> str:
    return "–" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _day(us: int | None) -> str:
    if us is None:
        return "–"
    return (EPOCH + timedelta(days=us // DAY_US)).date().isoformat()
