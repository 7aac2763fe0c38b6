"""Whether a request of API v3 is the member's: what the network checks. Pure."""

from __future__ import annotations

import re
from datetime import datetime

from anfu.channels.wechat.signing import SCHEME, WINDOW_S, verifies
from anfu.channels.wechat.simulator.orders import Declined
from anfu.channels.wechat.simulator.peer import Peer

_PAIR = re.compile(r'([a-z_]+)="([^"]*)"')
_NAMES = {"mchid", "nonce_str", "timestamp", "serial_no", "signature"}


def check_request(
    peer: Peer, authorization: str, place: tuple[str, str], body: bytes, *, now: datetime
) -> None:
    """`place` is method and path with query. Raises Declined(401, "SIGN_ERROR")."""
    scheme, _, rest = authorization.partition(" ")
    given = dict(_PAIR.findall(rest))
    if scheme != SCHEME or given.keys() != _NAMES or not given["timestamp"].isdecimal():
        raise Declined(401, "SIGN_ERROR")
    ours = (given["mchid"], given["serial_no"]) == (peer.merchant, peer.serial)
    fresh = abs(now.timestamp() - int(given["timestamp"])) < WINDOW_S
    lines = (*place, given["timestamp"], given["nonce_str"], body)
    if not ours or not fresh or not verifies(peer.merchant_key, given["signature"], *lines):
        raise Declined(401, "SIGN_ERROR")
