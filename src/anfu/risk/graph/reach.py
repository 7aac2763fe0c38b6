"""What a decision asks of the links: how many are tied together, how far a known fraud is, and
whether a payment closes a circle.

A walk goes level by level, and a level that would look at more ties than the budget is not begun:
what was found before it is the answer. Below the budget the answer is a function of the set of
events; at it, ties that have just left their window may still count towards the budget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from anfu.risk.graph.links import MONEY, Links

STEPS_MOST = 3


def walk(links: Links, account: str, at: int) -> Iterator[list[str]]:
    """Accounts by how many shared keys away they are: `account` alone, then level by level, until
    `bounds.component` of them are found."""
    budget, window_s = links.bounds.budget, links.bounds.window_s
    holders = links.holders
    seen, level = {account}, [account]
    done: set[str] = set()
    while level:
        yield level
        if len(seen) >= links.bounds.component:
            return
        budget -= sum([len(links.keys.get(a, ())) for a in level])
        if budget < 0:
            return
        found = []
        for near in level:
            for key, times in links.keys.get(near, {}).items():
                # Most keys have one holder: nothing to look at.
                if isinstance(holders[key], str) or key in done:
                    continue
                if times[-1] <= at - window_s[key[0]]:
                    continue
                done.add(key)
                for other in links.holders_at(key, at):
                    if other not in seen:
                        seen.add(other)
                        found.append(other)
        level = found


def component(links: Links, levels: Iterable[list[str]]) -> int:
    """Accounts in the levels of a walk; at most `bounds.component`."""
    return min(sum(map(len, levels)), links.bounds.component)


def fraud_steps(
    links: Links, levels: Iterable[list[str]], at: int, frauds: Mapping[str, int]
) -> int | None:
    """Steps, 0 to 3, from where the walk began to an account known for fraud; None beyond.

    A shared key is a step; to have paid, or been paid by, the known one is the last step: further
    payments lead from anybody to everybody. A hub is not known for fraud, since too many honest
    accounts pay it; what a crowd (more than `bounds.component`) dealt with says nothing.
    `frauds` says when each known account last had part in one.
    """
    floor = at - links.bounds.fraud_s

    def known(one: str) -> bool:
        return frauds.get(one, 0) > floor and not links.is_hub(one, at)

    for step, level in enumerate(levels):
        if any(map(known, level)):
            return step
        if step == STEPS_MOST or len(level) > links.bounds.component:
            return None
        if any(_dealt(links, one, at, frauds, known) for one in level):
            return step + 1
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


def _dealt(
    links: Links, account: str, at: int, frauds: Mapping[str, int], known: Callable[[str], bool]
) -> bool:
    """Whether `account`, no hub, paid or was paid by an account known for fraud lately."""
    floor = at - links.bounds.window_s[MONEY]
    paid = links.paid.get(account)
    if paid is not None and not frauds.keys().isdisjoint(paid.keys()):
        for payee in frauds.keys() & paid.keys():
            if paid[payee][-1] > floor and known(payee):
                return not links.is_hub(account, at)
    payers = links.payers.get(account)
    if payers is None:
        return False
    suspects = {payers} if isinstance(payers, str) else payers
    if frauds.keys().isdisjoint(suspects) or links.is_hub(account, at):
        return False
    return any(
        links.paid[payer][account][-1] > floor and known(payer)
        for payer in frauds.keys() & suspects
    )


def _paid_lately(links: Links, payer: str, payee: str, floor: int) -> bool:
    times = links.paid.get(payer, {}).get(payee)
    return times is not None and times[-1] > floor
