"""A request to Alipay: public parameters and content, signed. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from anfu.channels.alipay.member import Member
from anfu.channels.alipay.signing import request_text, sign, write_time
from anfu.channels.port import Handover, HandoverKind

_NOTIFIED = frozenset(
    f"alipay.trade.{verb}"
    for verb in ("page.pay", "wap.pay", "app.pay", "create", "precreate", "pay")
)  # fmt: skip


def signed_request(
    member: Member,
    method: str,
    content: Mapping[str, str],
    *,
    now: datetime,
    back: str | None = None,
) -> dict[str, str]:
    """All parameters of a call of `method`, the signature among them; `back` is where the payer's
    browser goes afterwards. Raises Refused as the member's keys do."""
    values = {
        "app_id": member.app_id,
        "method": method,
        "format": "JSON",
        "charset": "utf-8",
        "sign_type": "RSA2",
        "timestamp": write_time(now),
        "version": "1.0",
        "biz_content": json.dumps(dict(content), ensure_ascii=False, separators=(",", ":")),
        **member.keys.numbers(),
    }
    if method in _NOTIFIED:
        values["notify_url"] = member.notify_url
    if back is not None:
        values["return_url"] = back
    return {**values, "sign": sign(request_text(values).encode(), member.keys.own())}


def handover_of(member: Member, method: str, values: Mapping[str, str]) -> Handover:
    """A signed request as the payer's device takes it: a string for the app's kit, else a link."""
    text = urlencode(values)
    if method == "alipay.trade.app.pay":
        return Handover(HandoverKind.CALL, {"orderStr": text})
    return Handover(HandoverKind.LINK, {"url": f"{member.gateway}?{text}"})
