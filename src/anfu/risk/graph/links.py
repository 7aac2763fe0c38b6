"""Ties and payments between accounts, as a function of the set of events.

An account is a payer or payee; a key is a device, card, network address or phone it used. A tie
counts while it was used within its window before the event being decided. What has left every
window is dropped account by account, a few with each event learned, so memory follows the
windows and not the history.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

from anfu.kernel.errors import BrokenInvariant
from anfu.risk.event import EPOCH, Event, Kind

DAY_S = 86_400
# An event up to this much older than the newest still gets exact answers.
LATE_S = 3_600
DEVICE, CARD, ADDRESS, PHONE, MONEY = "d", "c", "i", "p", "m"
# Every so many events one account is looked over for what has left the windows.
_SWEEP_EVERY = 4
_SECOND = timedelta(seconds=1)
Times: TypeAlias = "array[int]"  # whole seconds since 1970, the oldest first
Uses = dict[str, dict[str, Times]]  # by account and key, or by payer and payee
Some = str | set[str]  # one name, or several: most keys have one holder
Sharing = dict[str, Some]


@dataclass(frozen=True, slots=True)
class Bounds:
    """By tie: how long it counts, and how many accounts may share it (or, for money, have paid one
    account) before it is a hub, such as a carrier's address or a shop, that ties nobody to anybody.
    `component`: accounts counted at most; `budget`: ties looked at in one search at most;
    `circle_s`, `fraud_s`: how long money counts for circles, and a known fraud at all."""

    window_s: Mapping[str, int] = field(
        default_factory=lambda: {
            DEVICE: 90 * DAY_S, CARD: 90 * DAY_S, PHONE: 90 * DAY_S,
            ADDRESS: 7 * DAY_S, MONEY: 30 * DAY_S,
        }
    )  # fmt: skip
    hub: Mapping[str, int] = field(
        default_factory=lambda: {DEVICE: 10, CARD: 10, PHONE: 10, ADDRESS: 10, MONEY: 30}
    )
    component: int = 50
    budget: int = 300
    circle_s: int = 7 * DAY_S
    fraud_s: int = 365 * DAY_S


class Links:
    """Who uses which keys, and who paid whom."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.keys: Uses = {}
        self.holders: Sharing = {}
        self.paid: Uses = {}
        self.payers: Sharing = {}
        self._hub_until: dict[str, int] = {}
        self._newest = 0
        self._round: deque[str] = deque()
        self._known: set[str] = set()
        self._count = 0

    def add(self, event: Event, at: int) -> None:
        """Learn one event, at so many seconds."""
        payer = event.payer
        for key in keys_of(event):
            _put(self.keys, self.holders, payer, key, at)
        if has_money(event):
            _put(self.paid, self.payers, payer, event.payee, at)

    def settle(self, event: Event, at: int) -> None:
        """`event`, just learned, stays: time goes on, and what it leaves behind may be dropped."""
        self._newest = max(self._newest, at)
        if event.payer not in self._known:
            self._known.add(event.payer)
            self._round.append(event.payer)
        self._count += 1
        if self._count % _SWEEP_EVERY == 0:
            self._sweep()

    def take(self, event: Event, at: int) -> None:
        """Unlearn one event. Raises BrokenInvariant when it was not learned, or too long ago."""
        payer = event.payer
        for key in keys_of(event):
            _take(self.keys, self.holders, payer, key, at)
            self._hub_until.pop(key, None)
        if has_money(event):
            _take(self.paid, self.payers, payer, event.payee, at)
            self._hub_until.pop(MONEY + event.payee, None)

    def holders_at(self, key: str, at: int) -> list[str]:
        """The accounts that share `key` at `at`; none for a hub."""
        return self._sharing(key, self.holders.get(key), self.keys, key, at) or []

    def is_hub(self, account: str, at: int) -> bool:
        """Whether too many paid `account` lately for a payment to tie them to one another."""
        payers = self.payers.get(account)
        if payers is None or isinstance(payers, str) or len(payers) <= self.bounds.hub[MONEY]:
            return False
        return self._sharing(MONEY + account, payers, self.paid, account, at) is None

    def is_hub_key(self, key: str, at: int) -> bool:
        """Whether too many share `key` at `at`."""
        return self._sharing(key, self.holders.get(key), self.keys, key, at) is None

    @staticmethod
    def sharing(sharing: Sharing, key: str) -> Iterable[str]:
        """Who shares `key`, hub or not."""
        shared = sharing.get(key, ())
        return (shared,) if isinstance(shared, str) else shared

    def clear(self) -> None:
        """Forget everything."""
        for known in (self.keys, self.holders, self.paid, self.payers, self._hub_until):
            known.clear()
        self._round.clear()
        self._known.clear()
        self._newest = 0

    def counts(self) -> dict[str, int]:
        """How many accounts, keys, ties (an account and a key) and lines of money there are."""
        return {
            "accounts": len(self._known),
            "keys": len(self.holders),
            "ties": sum(map(len, self.keys.values())),
            "lines": sum(map(len, self.paid.values())),
        }

    def _sharing(
        self, name: str, shared: Some | None, uses: Uses, key: str, at: int
    ) -> list[str] | None:
        """Who of `shared` used `key` within the window; None when they are too many."""
        floor = at - self.bounds.window_s[name[0]]
        if shared is None:
            return []
        if isinstance(shared, str):
            return [shared] if uses[shared][key][-1] > floor else []
        if at < self._hub_until.get(name, 0):
            return None
        most = self.bounds.hub[name[0]]
        live = []
        for account in shared:
            last = uses[account][key][-1]
            if last > floor:
                live.append((last, account))
                if len(live) > most:
                    # So many stay in the window at least until the first of them leaves it.
                    self._hub_until[name] = min(live)[0] + self.bounds.window_s[name[0]]
                    return None
        return [account for _, account in live]

    def _sweep(self) -> None:
        """Drop what no event from now on can see of the account that was looked at longest ago."""
        if not self._round:
            return
        account, window = self._round.popleft(), self.bounds.window_s
        now = self._newest - LATE_S
        keys, paid = self.keys.get(account), self.paid.get(account)
        for key in list(keys or ()):
            _trim(self.keys, self.holders, account, key, now - window[key[0]])
        for payee in list(paid or ()):
            _trim(self.paid, self.payers, account, payee, now - window[MONEY])
        if account in self.keys or account in self.paid:
            self._round.append(account)
        else:
            self._known.discard(account)


def seconds(event: Event) -> int:
    """Whole seconds since 1970."""
    return (event.at - EPOCH) // _SECOND


def keys_of(event: Event) -> Iterator[str]:
    """The keys the payer used, each marked with its kind."""
    seen = event.environment
    if seen.device is not None:
        yield DEVICE + seen.device
    if event.card is not None:
        yield CARD + event.card
    if seen.address is not None:
        yield ADDRESS + seen.address
    if event.phone is not None:
        yield PHONE + event.phone


def has_money(event: Event) -> bool:
    """Whether the event moves money between two accounts."""
    return event.kind is Kind.PAYMENT and event.payee not in ("", event.payer)


def _put(uses: Uses, sharing: Sharing, account: str, key: str, at: int) -> None:
    mine = uses.get(account)
    if mine is None:
        mine = uses[account] = {}
    times = mine.get(key)
    if times is None:
        mine[key] = array("q", (at,))
        shared = sharing.get(key)
        if shared is None:
            sharing[key] = account
        elif isinstance(shared, str):
            sharing[key] = {shared, account}
        else:
            shared.add(account)
    elif at >= times[-1]:
        times.append(at)
    else:
        insort(times, at)


def _take(uses: Uses, sharing: Sharing, account: str, key: str, at: int) -> None:
    times = uses.get(account, {}).get(key)
    place = 0 if times is None else bisect_left(times, at)
    if times is None or place == len(times) or times[place] != at:
        raise BrokenInvariant("an event to be forgotten was never learned, or too long ago")
    times.pop(place)
    if not times:
        _drop(uses, sharing, account, key)


def _trim(uses: Uses, sharing: Sharing, account: str, key: str, before: int) -> None:
    times = uses[account][key]
    if times[-1] <= before:
        _drop(uses, sharing, account, key)
    elif times[0] <= before:
        del times[: bisect_right(times, before)]


def _drop(uses: Uses, sharing: Sharing, account: str, key: str) -> None:
    mine = uses[account]
    del mine[key]
    if not mine:
        del uses[account]
    shared = sharing[key]
    if isinstance(shared, str):
        del sharing[key]
        return
    shared.discard(account)
    if len(shared) == 1:
        sharing[key] = shared.pop()
