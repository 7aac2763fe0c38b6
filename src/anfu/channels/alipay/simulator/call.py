"""One call of the network, and its refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from anfu.channels.alipay.amounts import read_amount
from anfu.channels.alipay.signing import read_time
from anfu.channels.alipay.simulator.book import Offer, Refund, Trade

Values = Mapping[str, Any]


class Trouble(Exception):  # noqa: N818 - a refusal is an answer
    """The network refuses: `sub_code`, under `code`."""

    def __init__(self, sub_code: str, code: str = "40004") -> None:
        super().__init__(sub_code)
        self.sub_code, self.code = sub_code, code


@dataclass(slots=True)
class Call:
    """One verified call. `told` collects the trades the payer's money has moved on, for notices:
    each with the refund it is about, if any."""

    content: Values
    notify_url: str | None
    return_url: str | None
    now: datetime
    base_url: str = ""
    told: list[tuple[Trade, Refund | None]] = field(default_factory=list)

    def offer(self) -> Offer:
        amount = read_amount(str(self.content.get("total_amount", "")))
        if not amount or not self.content.get("out_trade_no") or not self.content.get("subject"):
            raise Trouble("ACQ.INVALID_PARAMETER")
        end = self.content.get("time_expire")
        return Offer(
            number=str(self.content["out_trade_no"]),
            amount=amount,
            subject=str(self.content["subject"]),
            expires_at=read_time(end, "time_expire") if end else None,
            notify_url=self.notify_url,
            return_url=self.return_url,
        )
