"""What each scene becomes at UnionPay: which request, and what the payer's device gets. Pure.

| scene | request | the payer's device |
|---|---|---|
| PAGE | a form of 消费 01/01, channel 07, posted to frontTransReq | FORM |
| H5, MINI_PROGRAM, STATIC_CODE | the same, channel 08 | FORM |
| APP | appTransReq 01/01 → tn | CALL of the SDK |
| DYNAMIC_CODE | backTransReq 01/07 → qrCode | CODE |
| PAYER_CODE | backTransReq 01/06 with qrNo and termId | nothing |
| ON_FILE | backTransReq 01/01 with tokenPayData | nothing |
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from anfu.channels.codes.network import Network
from anfu.channels.codes.payer_code import read_payer_code
from anfu.channels.port import ChannelOrder, Handover, HandoverKind, Scene
from anfu.channels.unionpay.member import Member
from anfu.channels.unionpay.messages import CURRENCIES, Fields, beijing, order_id
from anfu.kernel.errors import Refused

FRONT, BACK, APP, QUERY = "frontTransReq", "backTransReq", "appTransReq", "queryTrans"
PAY, REFUND, REVERSAL = "01", "04", "31"

# The payer acts on a page or in an app, may try several cards and may never come.
FORMS = frozenset({Scene.PAGE, Scene.H5, Scene.MINI_PROGRAM, Scene.STATIC_CODE})
ATTENDED = FORMS | {Scene.APP, Scene.DYNAMIC_CODE}
# What divides no field when it stands inside `{token=…&trId=…}`.
_TOKEN = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)
_SUBTYPES = {Scene.DYNAMIC_CODE: "07", Scene.PAYER_CODE: "06"}


def endpoint(scene: Scene) -> str:
    if scene in FORMS:
        return FRONT
    return APP if scene is Scene.APP else BACK


def expiry(member: Member, order: ChannelOrder) -> datetime:
    """Until when the payer may pay: stated in the order (payTimeout), whole seconds."""
    end = order.expires_at or order.at + timedelta(seconds=member.pay_timeout_s)
    return end.replace(microsecond=0)


def product(member: Member, scene: Scene) -> str:
    if scene in (Scene.DYNAMIC_CODE, Scene.PAYER_CODE):
        return member.products["code"]
    return member.products["file" if scene is Scene.ON_FILE else "page"]


def flaw(order: ChannelOrder) -> str | None:
    """Why the order cannot be sent at all, a code of `reasons`; None when it can."""
    if order.currency not in CURRENCIES:
        return "currency_mismatch"
    if order.scene is Scene.ON_FILE and not _TOKEN.fullmatch(order.card or ""):
        return "request_refused"
    if order.scene is Scene.PAYER_CODE and order.code is not None:
        try:
            foreign = read_payer_code(order.code).network is not Network.UNIONPAY
        except Refused:
            foreign = True
        return "payer_code_invalid" if foreign else None
    return None


def pay_fields(member: Member, order: ChannelOrder) -> Fields:
    """The fields of 消费 without certId and signature; the same order gives the same fields."""
    own = {
        Scene.PAYER_CODE: {"qrNo": order.code or "", "termId": member.terminal},
        Scene.ON_FILE: {"tokenPayData": f"{{token={order.card}&trId={member.requester}}}"},
    }
    front = {"frontUrl": order.return_url or ""} if order.scene in FORMS else {}
    return {
        **_common(member, PAY, _SUBTYPES.get(order.scene, "01")),
        "bizType": product(member, order.scene),
        "channelType": "07" if order.scene is Scene.PAGE else "08",
        "orderId": order_id(order.payment),
        "txnTime": beijing(order.at),
        "txnAmt": str(order.amount),
        "currencyCode": CURRENCIES[order.currency],
        "payTimeout": beijing(expiry(member, order)),
        "orderDesc": _plain(order.subject),
        "backUrl": member.notify_url,
        **front,
        **own.get(order.scene, {}),
    }


def query_fields(member: Member, number: str, at: datetime) -> Fields:
    """The fields of 交易状态查询 for the payment or refund `number` of `at`."""
    return {
        **_common(member, "00", "00"),
        "bizType": member.products["query"],
        "orderId": order_id(number),
        "txnTime": beijing(at),
    }


def back_fields(member: Member, kind: str, number: str, at: datetime) -> dict[str, str]:
    """The fields that 退货 (REFUND) and 消费撤销 (REVERSAL) share."""
    return {
        **_common(member, kind, "00"),
        "bizType": member.products["refund"],
        "channelType": "08",
        "orderId": order_id(number),
        "txnTime": beijing(at),
        "backUrl": member.notify_url,
    }


def bill_fields(member: Member, settle_date: str, *, now: datetime) -> Fields:
    """The fields of 文件传输 for the bill of a settlement date, MMDD."""
    return {
        **_common(member, "76", "01"),
        "bizType": "000000",
        "fileType": "00",
        "txnTime": beijing(now),
        "settleDate": settle_date,
    }


def handover(member: Member, order: ChannelOrder, said: Fields) -> Handover | None:
    """What an answer gives the payer's device; None when it does not hold it."""
    if order.scene is Scene.DYNAMIC_CODE and said.get("qrCode"):
        return Handover(HandoverKind.CODE, {"text": said["qrCode"]})
    if order.scene is Scene.APP and said.get("tn"):
        return Handover(HandoverKind.CALL, {"tn": said["tn"], "mode": member.app_mode})
    return None


def _common(member: Member, kind: str, subtype: str) -> dict[str, str]:
    return {
        "version": member.version,
        "encoding": "UTF-8",
        "signMethod": "01",
        "accessType": "0",
        "merId": member.merchant,
        "txnType": kind,
        "txnSubType": subtype,
    }


def _plain(text: str) -> str:
    """At most 32 characters without those that divide fields."""
    return "".join(c for c in text if c.isprintable() and c not in "&={}[]\"'")[:32]
