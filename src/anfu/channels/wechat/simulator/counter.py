"""Version 2 as the network answers it: the same book behind signed XML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from anfu.channels.wechat.sheets import read_sheet, verify_sheet, write_sheet
from anfu.channels.wechat.simulator.desk import Desk
from anfu.channels.wechat.simulator.orders import Declined
from anfu.kernel.errors import Refused
from anfu.kernel.ids import Entropy

_CODES = {
    "AUTH_CODE_EXPIRED": "AUTHCODEEXPIRE",
    "NOT_ENOUGH": "NOTENOUGH",
    "BANK_ERROR": "BANKERROR",
    "ORDER_NOT_EXIST": "ORDERNOTEXIST",
    "ORDER_CLOSED": "ORDERCLOSED",
}


def answer(desk: Desk, path: str, body: bytes, *, now: datetime, entropy: Entropy) -> bytes:
    """The signed answer to a sheet. Raises Refused for one that is not the member's, KeyError and
    ValueError for one that lacks something."""
    key = desk.peer.v2_key
    asked = read_sheet(body)
    verify_sheet(key, asked)
    if asked["mch_id"] != desk.peer.merchant or asked["appid"] not in desk.peer.apps:
        raise Refused("message_misdirected", field="mch_id")
    said = {
        "return_code": "SUCCESS",
        "appid": asked["appid"],
        "mch_id": asked["mch_id"],
        "nonce_str": entropy.bytes(16).hex(),
        "result_code": "SUCCESS",
    }
    try:
        said |= _CALLS[path](desk, asked, now)
    except Declined as declined:
        code = _CODES.get(declined.code, declined.code)
        said |= {"result_code": "FAIL", "err_code": code, "recall": "N"}
    return write_sheet(key, said)


def unsigned(reason: str) -> bytes:
    """What a sheet that fails a check is answered."""
    text = f"<return_code>FAIL</return_code><return_msg>{reason}</return_msg>"
    return f"<xml>{text}</xml>".encode()


def _micropay(desk: Desk, asked: Mapping[str, str], now: datetime) -> dict[str, str]:
    body = {
        "appid": asked["appid"],
        "mchid": asked["mch_id"],
        "description": asked["body"],
        "out_trade_no": asked["out_trade_no"],
        "amount": {"total": int(asked["total_fee"]), "currency": asked["fee_type"]},
        "payer": {"auth_code": asked["auth_code"]},
    }
    said = _flat(desk.codepay(body, now=now))
    del said["trade_state"]
    return said


def _query(desk: Desk, asked: Mapping[str, str], now: datetime) -> dict[str, str]:
    return _flat(desk.query(asked["out_trade_no"], now=now))


def _reverse(desk: Desk, asked: Mapping[str, str], now: datetime) -> dict[str, str]:
    desk.reverse(asked["out_trade_no"], now=now)
    return {"recall": "N"}


def _flat(trade: Mapping[str, Any]) -> dict[str, str]:
    """A transaction in the values of version 2."""
    said = {name: trade[name] for name in ("out_trade_no", "trade_state", "trade_type")}
    if "transaction_id" in trade:
        amount = trade["amount"]
        said |= {
            "transaction_id": trade["transaction_id"],
            "total_fee": str(amount["total"]),
            "fee_type": amount["currency"],
            "openid": trade["payer"]["openid"],
        }
    return said


_Call = Callable[[Desk, Mapping[str, str], datetime], dict[str, str]]
_CALLS: dict[str, _Call] = {
    "/pay/micropay": _micropay,
    "/pay/orderquery": _query,
    "/secapi/pay/reverse": _reverse,
}
PATHS = frozenset(_CALLS)
