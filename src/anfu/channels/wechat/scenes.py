"""What a scene becomes at WeChat Pay: which order is made, and what the payer's device gets. Pure.

| scene | order | handover |
|---|---|---|
| MINI_PROGRAM, STATIC_CODE | jsapi | CALL: six values for wx.requestPayment or the page's bridge |
| APP | app | CALL: seven values for the app's SDK |
| H5 | h5 | LINK, good for 5 minutes |
| DYNAMIC_CODE, PAGE | native | CODE, good for 2 hours |

PAYER_CODE makes no order first: see `codepay` and `micropay`. ON_FILE is not taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from anfu.channels.port import ChannelOrder, Handover, HandoverKind, Scene
from anfu.channels.wechat.member import Member
from anfu.channels.wechat.signing import sign
from anfu.kernel.errors import Refused
from anfu.kernel.periods import SHANGHAI

PATHS: Mapping[Scene, str] = MappingProxyType(
    {
        Scene.MINI_PROGRAM: "jsapi",
        Scene.STATIC_CODE: "jsapi",
        Scene.APP: "app",
        Scene.H5: "h5",
        Scene.DYNAMIC_CODE: "native",
        Scene.PAGE: "native",
    }
)
_RESULT = {"jsapi": "prepay_id", "app": "prepay_id", "h5": "h5_url", "native": "code_url"}
_SUBJECT_MAX = 127


def order_body(member: Member, order: ChannelOrder) -> dict[str, Any]:
    """The JSON of an order. Raises Refused("request_malformed", field=…) for what the scene needs
    and the order lacks."""
    body = {
        **described(member, order),
        "notify_url": member.notify_url,
        "amount": {"total": order.amount, "currency": order.currency},
    }
    if order.expires_at is not None:
        body["time_expire"] = rfc3339(order.expires_at)
    if order.scene in (Scene.MINI_PROGRAM, Scene.STATIC_CODE):
        body["payer"] = {"openid": needed(order.payer, "payer")}
    if order.scene is Scene.H5:
        address = needed(order.address, "address")
        body["scene_info"] = {"payer_client_ip": address, "h5_info": {"type": "Wap"}}
    return body


def described(member: Member, order: ChannelOrder) -> dict[str, Any]:
    """What every order begins with."""
    return {
        "appid": member.app_of(order.scene),
        "mchid": member.merchant,
        "description": description(order),
        "out_trade_no": order.payment,
    }


def description(order: ChannelOrder) -> str:
    """What the payer reads, and what stands in the bill, where a backtick or a line's end of one
    merchant's would break the table for all."""
    text = order.subject or order.payment
    plain = [c if c.isprintable() and c != "`" else " " for c in text]
    return "".join(plain)[:_SUBJECT_MAX]


def handover(
    member: Member, key: RSAPrivateKey, order: ChannelOrder, said: Mapping[str, Any], **at: str
) -> Handover:
    """What the network gave, for the payer's device; `at` has `timestamp` and `nonce`. Raises
    Refused("message_malformed")."""
    path = PATHS[order.scene]
    given = said.get(_RESULT[path])
    if not (isinstance(given, str) and 0 < len(given) <= 512):
        raise Refused("message_malformed", field=_RESULT[path])
    if path == "native":
        return Handover(HandoverKind.CODE, {"text": given})
    if path == "h5":
        return Handover(HandoverKind.LINK, {"url": _returning(given, order.return_url)})
    app = member.app_of(order.scene)
    call = _app_call if path == "app" else _bridge_call
    return Handover(HandoverKind.CALL, call(member, key, app, given, at))


def _bridge_call(
    _member: Member, key: RSAPrivateKey, app: str, prepay: str, at: Mapping[str, str]
) -> dict[str, str]:
    package = f"prepay_id={prepay}"
    return {
        "appId": app,
        "timeStamp": at["timestamp"],
        "nonceStr": at["nonce"],
        "package": package,
        "signType": "RSA",
        "paySign": sign(key, app, at["timestamp"], at["nonce"], package),
    }


def _app_call(
    member: Member, key: RSAPrivateKey, app: str, prepay: str, at: Mapping[str, str]
) -> dict[str, str]:
    """An app signs the bare prepay_id, unlike the bridge."""
    return {
        "appid": app,
        "partnerid": member.merchant,
        "prepayid": prepay,
        "package": "Sign=WXPay",
        "noncestr": at["nonce"],
        "timestamp": at["timestamp"],
        "sign": sign(key, app, at["timestamp"], at["nonce"], prepay),
    }


def _returning(url: str, back: str | None) -> str:
    """The link, with where the payer comes back to."""
    if not url.startswith(("https://", "http://")):
        raise Refused("message_malformed", field="h5_url")
    if back is None:
        return url
    return f"{url}{'&' if '?' in url else '?'}redirect_url={quote(back, safe='')}"


def needed(value: str | None, field: str) -> str:
    """Raises Refused("request_malformed") without a value."""
    if not value:
        raise Refused("request_malformed", field=field)
    return value


def rfc3339(moment: datetime) -> str:
    """As the network writes times: `2026-11-28T21:40:00+08:00`."""
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")
