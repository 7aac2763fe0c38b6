"""The report: one HTML page in both languages that needs nothing else to be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from anfu.lab.backtests.figures import Ended, Figures, Sum
from anfu.lab.backtests.interval import Share

_STYLE = """
body { font: 15px/1.55 system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif; color: #1c2430;
       margin: 2.5rem auto; max-width: 62rem; padding: 0 1.2rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
small, caption { color: #66707c; } caption { caption-side: bottom; text-align: left; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid #e3e7ec; text-align: right; }
th:first-child, td:first-child { text-align: left; } th { font-weight: 600; color: #455; }
.head { display: flex; gap: 1rem; flex-wrap: wrap; } .head div { flex: 1 1 10rem;
       background: #f4f6f9; border-radius: .5rem; padding: .7rem 1rem; }
.head b { display: block; font-size: 1.35rem; } .warn { color: #9a5b00; }
@media (prefers-color-scheme: dark) { body { background: #14181d; color: #dfe5ec; }
       .head div { background: #1e242c; } th { color: #aab; } th, td { border-color: #2b323b; } }
"""
_ENDS = {
    "all": "all 全部", "disputed": "disputed 争议", "refunded": "refunded 退款",
    "blocked": "blocked 拦截", "challenged": "challenged 挑战", "reviewed": "reviewed 人工审核",
    "succeeded": "succeeded 成功",
}  # fmt: skip


def report(figures: Figures) -> str:
    """The page as text, UTF-8."""
    span, judged, change = figures.span, figures.judged, figures.change
    what = "rule set 规则集" if figures.whole else "rules on their own 单独规则"
    parts = [
        f"<h1>Back-test 回测 <small>{what} {escape(figures.tested)}</small></h1>",
        f"<p>{escape(span.start)} – {escape(span.end)} · labels said up to 标签截至"
        f" {escape(span.cutoff)} · judged after 成熟期 {span.label_delay_days:g} d 天 · not judged"
        f" 未定 {_sum(span.open)}</p>",
        _unknown(span.unknown),
        _heads(figures),
        _section("Day by day 逐日", _chart(figures)),
        _section("How payments ended 支付结果", _ended(figures.everything, figures.acted)),
        _section(
            "Right and wrong 对与错",
            _table(
                ("", "payments 笔数 (value 金额)"),
                [
                    ("frauds caught 命中欺诈", _sum(judged.caught)),
                    ("frauds missed 漏过欺诈", _sum(judged.missed)),
                    ("false alarms 误报", _sum(judged.alarms)),
                    ("fraud stopped that had passed 新拦欺诈", _sum(change.fraud_stopped)),
                    ("honest stopped that had passed 新拦正常", _sum(change.honest_stopped)),
                    ("fraud let go 放行欺诈", _sum(change.fraud_freed)),
                    ("honest let go 放行正常", _sum(change.honest_freed)),
                ],
            ),
        ),
        *_details(figures),
    ]
    body = "\n".join(part for part in parts if part)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Back-test 回测 {escape(figures.tested)}</title><style>{_STYLE}</style></head>"
        f"<body>\n{body}\n</body></html>\n"
    )


def _details(figures: Figures) -> list[str]:
    rules = [
        (r.rule or r.typology or "", r.reason, _sum(r.held), _sum(r.caught), _sum(r.alarms),
         _share(r.precision))
        for r in (*figures.rules, *figures.typologies)
    ]  # fmt: skip
    overlap = [
        (o.rule, _sum(o.both), _sum(o.tested_only), _sum(o.live_only),
         f"{o.fraud_both} / {o.fraud_tested_only} / {o.fraud_live_only}")
        for o in figures.overlap if o.both.count or o.live_only.count
    ]  # fmt: skip
    turns = [(t.then, t.now, _sum(t.sum), str(t.fraud)) for t in figures.turns]
    worst = [(a.event, a.at, a.payer, a.payee, f"{a.amount:,}", ", ".join(a.rules))
             for a in figures.worst]  # fmt: skip
    return [
        _section("Rules and typologies 规则与类型", _table(
            ("rule 规则", "reason 原因", "held 命中", "frauds 欺诈", "false alarms 误报",
             "precision 精确率 [95 %]"), rules)),
        _section("Beside the rules in force 与在用规则的重叠", _table(
            ("rule 规则", "both 共同", "tested only 仅被测", "in force only 仅在用",
             "frauds of these 其中欺诈"), overlap)),
        _section("Decided then, and now 决策变化", _table(
            ("then 当时", "now 现在", "payments 支付", "frauds 欺诈"), turns)),
        _section("Worst false alarms 最大误报", _table(
            ("payment 支付", "at 时间", "payer 付款人", "payee 收款人", "amount 金额",
             "rules 规则"), worst)),
    ]  # fmt: skip


def _heads(figures: Figures) -> str:
    judged = figures.judged
    shown = (
        ("alert rate 告警率", figures.alert_rate),
        ("precision 精确率", judged.precision),
        ("recall 召回率", judged.recall),
        ("false alarm rate 误报率", judged.false_alarm_rate),
    )
    cells = (
        f"<div><small>{name}</small><b>{_percent(share.share)}</b>"
        f"<small>{_bounds(share)}</small></div>"
        for name, share in shown
    )
    return f'<div class="head">{"".join(cells)}</div>'


def _chart(figures: Figures) -> str:
    """What was acted on each day as bars, the frauds among them darker."""
    days = figures.days
    top = max((day.acted.count for day in days), default=0)
    if not top:
        return ""
    width, high = 960, 120
    step = width / len(days)
    bars = []
    for i, day in enumerate(days):
        title = f"{day.day}: {day.acted.count}, fraud 欺诈 {day.caught.count}"
        pieces = ((day.acted.count, "#9db4d6"), (day.caught.count, "#b3372f"))
        for count, colour in pieces:
            tall = high * count / top
            bars.append(
                f'<rect x="{i * step:.2f}" y="{high - tall:.2f}" width="{max(step - 1, 0.5):.2f}"'
                f' height="{tall:.2f}" fill="{colour}"><title>{escape(title)}</title></rect>'
            )
    return (
        f'<svg viewBox="0 0 {width} {high}" width="100%" role="img">{"".join(bars)}</svg>'
        f"<small>{days[0].day} – {days[-1].day}; acted on 命中, most a day 单日最多 {top}; frauds"
        " among them 其中欺诈 ■</small>"
    )


def _ended(everything: Ended, acted: Ended) -> str:
    rows = [(text, _sum(getattr(everything, name)), _sum(getattr(acted, name)))
            for name, text in _ENDS.items()]  # fmt: skip
    return _table(("", "all 全部", "acted on 命中"), rows)


def _unknown(names: Sequence[str]) -> str:
    if not names:
        return ""
    listed = escape(", ".join(names))
    return (
        f'<p class="warn">Not in this history, NULL throughout 历史中没有、按空值处理: {listed}</p>'
    )


def _section(title: str, body: str) -> str:
    return f"<h2>{title}</h2>\n{body}" if body else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows]
    if not lines:
        return ""
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide">{table}</div>'


def _sum(value: Sum) -> str:
    return f"{value.count:,} ({value.value:,})"


def _share(share: Share) -> str:
    return f"{_percent(share.share)} {_bounds(share)}"


def _bounds(share: Share) -> str:
    if share.low is None or share.high is None:
        return ""
    return f"[{share.low:.2%}, {share.high:.2%}] {share.hits:,}/{share.of:,}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.2%}"
