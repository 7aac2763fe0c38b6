"""The network's end of the line: a request verified, an answer signed.

1 the `app_id` is known; 2 the signature is the member's, over all values with `sign_type`; 3 the
`timestamp` is within a day; 4 the content is JSON. A refusal of 1 is not signed, as the real
gateway does not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.responses import Response

from anfu.channels.alipay.signing import is_signed, read_time, request_text, sign
from anfu.channels.alipay.simulator.call import Trouble
from anfu.channels.alipay.simulator.keys import APP_ID, NetworkKeys
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Refused

UNSIGNED = "isv.invalid-app-id"
_REFUSED = "40002"
_DAY = timedelta(days=1)
_SAID = {"10000": "Success", "10003": "order success pay inprocess", "20000": "Service Unavailable"}


class Wire:
    """Signs with the network's present key."""

    def __init__(self, keys: NetworkKeys, *, clock: Clock) -> None:
        self._keys, self._clock = keys, clock

    def content(self, values: Mapping[str, str]) -> dict[str, Any]:
        """The content of a verified request. Raises Trouble."""
        if values.get("app_id") != APP_ID:  # 1
            raise Trouble(UNSIGNED, _REFUSED)
        text = request_text(values).encode()
        if not is_signed(text, values.get("sign", ""), [self._keys.app()]):  # 2
            raise Trouble("isv.invalid-signature", _REFUSED)
        try:
            at = read_time(values.get("timestamp", ""), "timestamp")
            content = json.loads(values.get("biz_content", "{}"))
        except (Refused, ValueError):
            raise Trouble("isv.invalid-timestamp", _REFUSED) from None
        if abs(self._clock.now() - at) > _DAY or not isinstance(content, dict):  # 3, 4
            raise Trouble("isv.invalid-timestamp", _REFUSED)
        return content

    def answer(self, method: str, values: Mapping[str, Any], *, forged: bool = False) -> Response:
        """A success with these values, signed; `forged`: by somebody else."""
        return self._response(method, {"code": "10000", "msg": _SAID["10000"], **values}, forged)

    def refusal(self, method: str, trouble: Trouble, number: str) -> Response:
        """The network says no, or not yet."""
        node = {"code": trouble.code, "msg": _SAID.get(trouble.code, "Business Failed")}
        if trouble.sub_code:
            node |= {"sub_code": trouble.sub_code, "sub_msg": "见 sub_code"}
        node["out_trade_no"] = number
        if trouble.sub_code == UNSIGNED:
            return _json({_node_name(method): node})
        return self._response(method, node, False)

    def _response(self, method: str, node: Mapping[str, Any], forged: bool) -> Response:
        """The node's text is signed as it stands in the body."""
        text = json.dumps(node, ensure_ascii=False)
        key = _stranger() if forged else self._keys.own()
        ends = {"sign": sign(text.encode(), key)}
        if (number := self._keys.number()) is not None:
            ends = {"alipay_cert_sn": number, **ends}
        rest = json.dumps(ends)[1:]
        return Response(f'{{"{_node_name(method)}":{text},{rest}', media_type="application/json")


def _node_name(method: str) -> str:
    return f"{method.replace('.', '_')}_response"


def _json(value: Mapping[str, Any]) -> Response:
    return Response(json.dumps(value), media_type="application/json")


@cache
def _stranger() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
