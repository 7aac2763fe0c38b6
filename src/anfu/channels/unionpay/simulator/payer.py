"""Who acts for the payer where there is no browser."""

from __future__ import annotations

from anfu.channels.unionpay.messages import order_id
from anfu.channels.unionpay.simulator.desk import Desk
from anfu.channels.unionpay.simulator.orders import Record


class Payer:
    """Acts for the payer of a payment, by our number of it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pay(self, number: str) -> str | None:
        """Pay; what it is refused with, or None. Raises KeyError for an unknown number."""
        return self._desk.act(self._record(number), pays=True)

    def decline(self, number: str, code: str = "64") -> None:
        """The bank refuses the card. Raises KeyError for an unknown number."""
        self._desk.decline(self._record(number), code)

    def _record(self, number: str) -> Record:
        record = self._desk.orders.find(order_id(number))
        if record is None:
            raise KeyError(number)
        return record
