"""The calls of API v3: which path and method does what at the desk."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from anfu.channels.wechat.simulator.desk import Desk
from anfu.channels.wechat.simulator.orders import Declined
from anfu.channels.wechat.simulator.refunds import query_refund, refund, refund_elsewhere


class Ask(NamedTuple):
    """A verified request; `names` are what its path named."""

    names: Mapping[str, str]
    body: Mapping[str, Any]
    now: datetime


def answer(
    desk: Desk, method: str, path: str, body: Mapping[str, Any], *, now: datetime
) -> dict[str, Any] | None:
    """What is answered with 200, None for 204. Raises Declined; KeyError, TypeError and ValueError
    for a body that lacks something."""
    for known, pattern, call in _CALLS:
        found = re.fullmatch(pattern, path)
        if known == method and found is not None:
            return call(desk, Ask(found.groupdict(), body, now))
    raise Declined(404, "RESOURCE_NOT_EXISTS")


def _close(desk: Desk, ask: Ask) -> None:
    if ask.body["mchid"] != desk.peer.merchant:
        raise Declined(400, "PARAM_ERROR")
    desk.close(ask.names["number"], now=ask.now)


def _reverse(desk: Desk, ask: Ask) -> None:
    if ask.body["mchid"] != desk.peer.merchant or ask.body["appid"] not in desk.peer.apps:
        raise Declined(400, "PARAM_ERROR")
    desk.reverse(ask.names["number"], now=ask.now)


_ORDERS = "/v3/pay/transactions"
_NUMBER = rf"{_ORDERS}/out-trade-no/(?P<number>[\w-]+)"
_REFUNDS = "/v3/refund/domestic/refunds"
_Call = Callable[[Desk, Ask], dict[str, Any] | None]
_CALLS: tuple[tuple[str, str, _Call], ...] = (
    (
        "POST",
        rf"{_ORDERS}/(?P<kind>jsapi|app|h5|native)",
        lambda desk, ask: desk.prepay(ask.names["kind"], ask.body, now=ask.now),
    ),
    ("POST", f"{_ORDERS}/codepay", lambda desk, ask: desk.codepay(ask.body, now=ask.now)),
    ("GET", _NUMBER, lambda desk, ask: desk.query(ask.names["number"], now=ask.now)),
    ("POST", f"{_NUMBER}/close", _close),
    ("POST", f"{_NUMBER}/reverse", _reverse),
    ("POST", _REFUNDS, lambda desk, ask: refund(desk, ask.body, now=ask.now)),
    (
        "GET",
        rf"{_REFUNDS}/(?P<number>[\w-]+)",
        lambda desk, ask: query_refund(desk, ask.names["number"]),
    ),
    (
        "POST",
        rf"{_REFUNDS}/(?P<id>\w+)/apply-abnormal-refund",
        lambda desk, ask: refund_elsewhere(desk, ask.names["id"], ask.body, now=ask.now),
    ),
)
