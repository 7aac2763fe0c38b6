"""What each scene becomes at Alipay: the method, and what of the order goes with it. Pure.

Three scenes are handed over without a call: the request itself, signed, is what the payer's
browser or app sends, and the order comes to be when the payer signs in. Every order carries the
moment it can no longer be paid (`time_expire`), so that what we hand over ends by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from anfu.channels.alipay.amounts import write_amount
from anfu.channels.alipay.member import Member
from anfu.channels.alipay.signing import write_time
from anfu.channels.port import ChannelOrder, Scene

# What Alipay refuses in a subject.
_STRANGE = re.compile(r"[/=&\x00-\x1f]")
_SUBJECT_MOST = 128


@dataclass(frozen=True, slots=True)
class Form:
    """`handed`: the signed request goes to the payer, we do not call."""

    method: str
    handed: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)


_PAGE = Form("alipay.trade.page.pay", True, {"product_code": "FAST_INSTANT_TRADE_PAY"})
_WAP = Form("alipay.trade.wap.pay", True, {"product_code": "QUICK_WAP_PAY"})
_APP = Form("alipay.trade.app.pay", True, {"product_code": "QUICK_MSECURITY_PAY"})
_CREATE = Form("alipay.trade.create", extra={"product_code": "JSAPI_PAY"})
_CODE = Form("alipay.trade.precreate")
_PAY = Form("alipay.trade.pay", extra={"scene": "bar_code", "product_code": "FACE_TO_FACE_PAYMENT"})
_FORMS: Mapping[Scene, Form] = {
    Scene.PAGE: _PAGE,
    Scene.H5: _WAP,
    Scene.APP: _APP,
    Scene.MINI_PROGRAM: _CREATE,
    Scene.DYNAMIC_CODE: _CODE,
    Scene.PAYER_CODE: _PAY,
}


def form_of(order: ChannelOrder) -> Form | None:
    """How Alipay takes an order; None for one it cannot take.

    A payer behind a static code pays on a page: inside Alipay's app where it is known who that is.
    """
    if order.scene is Scene.STATIC_CODE:
        return _CREATE if order.payer else _WAP
    needs = {Scene.MINI_PROGRAM: order.payer, Scene.PAYER_CODE: order.code}
    return None if needs.get(order.scene, "") is None else _FORMS.get(order.scene)


def expiry(order: ChannelOrder, member: Member) -> datetime:
    """Until when the order can be paid; the same each time it is asked."""
    return order.expires_at or order.at + member.life


def content_of(order: ChannelOrder, form: Form, member: Member) -> dict[str, str]:
    """The `biz_content` of an order."""
    subject = _STRANGE.sub(" ", order.subject).strip()[:_SUBJECT_MOST] or order.payment
    content = {
        "out_trade_no": order.payment,
        "total_amount": write_amount(order.amount),
        "subject": subject,
        "time_expire": write_time(expiry(order, member)),
        **form.extra,
    }
    if form is _CREATE and order.payer is not None:
        content |= _payer(order.payer, member)
    if form is _PAY and order.code is not None:
        content["auth_code"] = order.code
    if form is _WAP and order.return_url is not None:
        content["quit_url"] = order.return_url
    return content


def _payer(payer: str, member: Member) -> dict[str, str]:
    """A user id is 16 digits from 2088 on; everything else is an openid, which is bound to the
    application."""
    if payer.startswith("2088") and len(payer) == 16 and payer.isdigit():
        return {"buyer_id": payer}
    return {"buyer_open_id": payer, "op_app_id": member.app_id}
