"""The networks a code can belong to, and the apps that open one."""

from __future__ import annotations

import re
from enum import StrEnum

# What each network's app says of itself among other words of its User-Agent.
_WECHAT = re.compile(r"\bMicroMessenger/")
_ALIPAY = re.compile(r"\bAlipayClient/")
_UNIONPAY = re.compile(r"\bUnionPay/[0-9.]+ CloudPay\b")


class Network(StrEnum):
    """Whose code it is."""

    WECHAT = "WECHAT"
    ALIPAY = "ALIPAY"
    UNIONPAY = "UNIONPAY"


def network_of(user_agent: str) -> Network | None:
    """The network whose app has opened a page; None for a browser, whose user has to choose.

    Anybody can write a User-Agent, so it chooses what is offered and proves nothing. One that names
    two networks is as good as none.
    """
    apps = {Network.WECHAT: _WECHAT, Network.ALIPAY: _ALIPAY, Network.UNIONPAY: _UNIONPAY}
    named = [network for network, app in apps.items() if app.search(user_agent)]
    return named[0] if len(named) == 1 else None
