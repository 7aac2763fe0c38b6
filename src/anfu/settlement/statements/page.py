"""A statement as a page to be printed, in both languages. It loads nothing and runs nothing."""

from __future__ import annotations

from html import escape

from anfu.settlement.statements.sheet import major
from anfu.settlement.statements.statement import Statement, items_of, totals_of

TITLES = {
    "carried_in": ("Carried in", "上期结转"), "payments": ("Payments", "交易"),
    "refunds": ("Refunds", "退款"), "returned": ("Payouts that came back", "出款退回"),
    "other": ("Other", "其他"), "fees": ("Fees", "手续费"),
    "released": ("Retention released", "留存释放"), "retained": ("Retained", "留存"),
    "paid": ("Paid out", "出款"), "carried_out": ("Carried out", "结转下期"),
}  # fmt: skip
_KINDS = {
    "CARRIED_IN": "上期结转", "PAYMENT": "交易", "REFUND": "退款", "RETURN": "出款退回",
    "OTHER": "其他", "RELEASED": "留存释放", "RETAINED": "留存", "PAID": "出款",
    "CARRIED_OUT": "结转下期",
}  # fmt: skip
_STYLE = """
body{font:14px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;margin:2rem auto;max-width:60rem}
table{border-collapse:collapse;width:100%;margin:1rem 0}
th,td{border-bottom:1px solid #bbb;padding:.2rem .5rem;text-align:left}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
tr.CARRIED_OUT td{font-weight:600;border-bottom:2px solid #333}
@media print{body{margin:0;max-width:none;font-size:10px}thead{display:table-header-group}
tr{break-inside:avoid}@page{size:A4;margin:15mm}}
"""
_HEAD = (("Day", "日期"), ("Kind", "类型"), ("Entry", "分录"))
_NUMBERS = (("Amount", "金额"), ("Fee", "手续费"), ("Net", "净额"))


def page(statement: Statement) -> bytes:
    """The HTML of a statement."""
    title = f"Settlement statement 结算单 {statement.first} – {statement.last}"
    who = f"{statement.name} · {statement.merchant} · {statement.currency}"
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}'
        f"</title><style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>"
        f"<p>{escape(who)}</p>{_totals(statement)}{_items(statement)}</body></html>\n"
    ).encode()


def _totals(statement: Statement) -> str:
    rows = "".join(
        f"<tr><th>{TITLES[name][0]} {TITLES[name][1]}</th>"
        f'<td class="n" id="{name}">{major(amount, statement.currency)}</td></tr>'
        for name, amount in totals_of(statement).items()
    )
    return f"<table>{rows}</table>"


def _items(statement: Statement) -> str:
    head = "".join(f"<th>{en} {zh}</th>" for en, zh in _HEAD)
    head += "".join(f'<th class="n">{en} {zh}</th>' for en, zh in _NUMBERS)
    rows = []
    for item in items_of(statement):
        cells = f"<td>{item.day}</td><td>{item.kind} {_KINDS[item.kind]}</td>"
        cells += f"<td>{escape(item.entry)}</td>"
        cells += "".join(
            f'<td class="n">{major(amount, statement.currency)}</td>'
            for amount in (item.amount, item.fee, item.net)
        )
        rows.append(f'<tr class="{item.kind}">{cells}</tr>')
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
