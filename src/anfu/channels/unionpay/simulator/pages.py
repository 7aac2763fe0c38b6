"""Where a payer acts at the made-up network: a plain page with two buttons."""

from __future__ import annotations

from html import escape

from anfu.channels.unionpay.simulator.orders import Record

_PAGE = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>云闪付（模拟）</title>
<h1>云闪付（模拟）</h1>
<p>{subject}</p><p><output>¥{amount}</output></p>
{form}
</html>
"""
_FORM = """<form method="post">
<button name="act" value="pay">支付 Pay</button>
<button name="act" value="cancel">取消 Cancel</button>
</form>"""


def page(record: Record, said: str = "") -> str:
    """The order with two buttons; once it is decided, what is `said` in their place."""
    amount = f"{record.amount // 100}.{record.amount % 100:02d}"
    form = f"<p>{escape(said)}</p>" if said else _FORM
    subject = escape(record.fields.get("orderDesc", ""))
    return _PAGE.format(subject=subject, amount=amount, form=form)
