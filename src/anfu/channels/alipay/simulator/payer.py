"""The payer: opens what was handed over, pays, or declines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlsplit

from anfu.channels.alipay.simulator.book import WAITING, Book, Offer, Refund, Trade
from anfu.channels.alipay.simulator.call import Call, Trouble
from anfu.channels.alipay.simulator.till import Till
from anfu.channels.alipay.simulator.wire import Wire
from anfu.kernel.clock import Clock

_HANDED = ("alipay.trade.page.pay", "alipay.trade.wap.pay", "alipay.trade.app.pay")
Tell = Callable[[Trade, Refund | None], None]


class Payer:
    """Every method raises Trouble where the network would refuse."""

    def __init__(self, book: Book, till: Till, wire: Wire, tell: Tell, *, clock: Clock) -> None:
        self._book, self._till, self._wire, self._tell = book, till, wire, tell
        self._clock = clock

    def open(self, text: str) -> str:
        """Opens a link, the string for the app's kit, or what a code says; the order's number."""
        parts = urlsplit(text)
        if parts.path.startswith("/qr/"):
            return self.held(parts.path.removeprefix("/qr/")).number
        query = parts.query if parts.scheme else text
        return self.look(dict(parse_qsl(query, keep_blank_values=True))).number

    def pay(self, number: str) -> Trade:
        trade = self._come(number)
        if trade.state == WAITING:
            self._book.pay(trade, now=self._clock.now())
            self._tell(trade, None)
        return trade

    def decline(self, number: str) -> Trade:
        trade = self._come(number)
        if trade.state == WAITING:
            self._book.close(trade, now=self._clock.now())
            self._tell(trade, None)
        return trade

    def look(self, values: Mapping[str, str]) -> Offer:
        """The offer in a signed request that was handed over, kept from then on."""
        content = self._wire.content(values)
        if values.get("method") not in _HANDED:
            raise Trouble("isv.invalid-method", "40002")
        urls = values.get("notify_url"), values.get("return_url")
        offer = Call(content, *urls, self._clock.now()).offer()
        held = self._book.offers.setdefault(offer.number, offer)
        if not held.agrees(offer):
            raise Trouble("ACQ.CONTEXT_INCONSISTENT")
        return held

    def held(self, number: str) -> Offer:
        """An offer that was shown as a code."""
        offer = self._book.offers.get(number)
        if offer is None:
            raise Trouble("ACQ.TRADE_NOT_EXIST")
        return offer

    def act(self, number: str, act: str) -> Trade:
        """A button of the page: `pay` or `decline`."""
        acts = {"pay": self.pay, "decline": self.decline}
        if act not in acts:
            raise Trouble("ACQ.INVALID_PARAMETER")
        return acts[act](number)

    def _come(self, number: str) -> Trade:
        known = self._book.trades.get(number)
        return known or self._till.take(self.held(number), now=self._clock.now())
