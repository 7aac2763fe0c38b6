"""What a decision asks of the links: how many are tied together, how far a known fraud is, and
whether a payment closes a circle.

A search goes level by level, and a level that would look at more ties than the budget is not
begun: what was found before it is the answer. Below the budget the answer is a function of the
set of events; at it, ties that have just left their window may still count towards the budget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from anfu.risk.graph.links import MONEY, Links

STEPS_MOST = 3


def component(links: Links, account: str, at: int) -> int:
    """Accounts tied to `account` by keys, itself among them; at most `bounds.component`."""
    bounds = links.bounds
    seen, level = {account}, [account]
    done: set[str] = set()
    left = bounds.budget
    while level:
        left -= sum(len(links.keys.get(a, ())) for a in level)
        if left < 0:
            break
        level = _tied(links, level, at, seen, done)
        if len(seen) >= bounds.component:
            return bounds.component
    return len(seen)


def fraud_steps(links: Links, account: str, at: int, is_fraud: Callable[[str], bool]) -> int | None:
    """Ties or payments from `account` to one that is known for fraud: 0 to 3, None beyond. A hub
    is not known for fraud: too many honest accounts pay it."""

    def guilty(one: str) -> bool:
        return is_fraud(one) and links.payers_at(one, at) is not None

    if guilty(account):
        return 0
    seen, level = {account}, [account]
    done: set[str] = set()
    left = links.bounds.budget
    for step in range(1, STEPS_MOST + 1):
        left -= sum(_width(links, a) for a in level)
        if left < 0:
            return None
        money = _dealt(links, level, at, seen)
        level = [*money, *_tied(links, level, at, seen, done)]
        if any(map(guilty, level)):
            return step
    return None


def cycle_length(links: Links, payer: str, payee: str, at: int) -> int | None:
    """Payments, 2 to 4, in the shortest circle that a payment from `payer` to `payee` closes with
    those of the last `bounds.circle_s`; None when it closes none."""
    out, into = links.paid.get(payee), links.payers.get(payer)
    if out is None or into is None:
        return None
    floor = at - links.bounds.circle_s
    back = out.get(payer)
    if back is not None and back[-1] > floor:
        return 2
    if len(out) > links.bounds.budget:
        return None
    second = [x for x, times in out.items() if times[-1] > floor]
    paid = [links.paid.get(x, {}) for x in second]
    if any(payer in p and p[payer][-1] > floor for p in paid):
        return 3
    if sum(map(len, paid)) > links.bounds.budget:
        return None
    third = (y for p in paid for y, times in p.items() if times[-1] > floor and y != payee)
    return 4 if any(_paid_lately(links, y, payer, floor) for y in third) else None


def _tied(links: Links, level: Iterable[str], at: int, seen: set[str], done: set[str]) -> list[str]:
    """The accounts that share a key with one of `level` and were not seen; they are now."""
    found = []
    floors = {tie: at - window for tie, window in links.bounds.window_s.items()}
    for account in level:
        for key, times in links.keys.get(account, {}).items():
            shared = links.holders[key]
            # Most keys have one holder: nothing to look at.
            if isinstance(shared, str) or key in done or times[-1] <= floors[key[0]]:
                continue
            done.add(key)
            for other in links.holders_at(key, at):
                if other not in seen:
                    seen.add(other)
                    found.append(other)
    return found


def _dealt(links: Links, level: Iterable[str], at: int, seen: set[str]) -> list[str]:
    """The accounts that paid one of `level` or were paid by it, where neither is a hub."""
    found = []
    floor = at - links.bounds.window_s[MONEY]
    for account in level:
        near = links.payers_at(account, at)
        if near is None:
            continue
        near += [p for p, times in links.paid.get(account, {}).items() if times[-1] > floor]
        for other in near:
            if other not in seen and links.payers_at(other, at) is not None:
                seen.add(other)
                found.append(other)
    return found


def _width(links: Links, account: str) -> int:
    return len(links.keys.get(account, ())) + len(links.paid.get(account, ()))


def _paid_lately(links: Links, payer: str, payee: str, floor: int) -> bool:
    times = links.paid.get(payer, {}).get(payee)
    return times is not None and times[-1] > floor
