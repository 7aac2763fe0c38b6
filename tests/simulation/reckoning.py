"""The days after: each network's bill is fetched and reconciled, until books and bills agree."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.chaos.checks import take_snapshot
from tests.simulation.city import NETWORKS, START
from tests.simulation.fate import CALM
from tests.simulation.flaws import FlawedBills, Key
from tests.simulation.invariants import Broken
from tests.simulation.reckoned import Books, check_books, fingerprint

from anfu.channels.bills.bill import Bills
from anfu.kernel.periods import civil_date, civil_day
from anfu.payments.attempts.attempt import number_of
from anfu.settlement.reconciliation.advance import advance
from anfu.settlement.reconciliation.fetch import Desk, file_of
from anfu.settlement.reconciliation.queries import list_bills
from anfu.settlement.reconciliation.reconcile import reconcile
from anfu.settlement.reconciliation.terms import Terms

if TYPE_CHECKING:
    from tests.simulation.life import Life

DAY = civil_date(START)
DAYS = 2
"""The day of the life, and the one on which what came after it was done; more where a network could
not tell what became of a payment, for what it tells a day later goes back a day later."""
_LATE = """
SELECT EXISTS (SELECT FROM settlement.item WHERE leg = 'TRADE' AND class = 'LONG'
    AND (state = 'LONG' AND our_state IN ('OPEN', 'NOT_DONE')
         OR state = 'MATCHED' AND updated_at >= $1))
"""
# From 11:00 on.
_BEFORE_NOON = timedelta(hours=1)
_CALM_AFTER, _PAUSE_S = 6, 600


class Reckoning:
    """Of one life."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self.flawed = [
            FlawedBills(post.name, post.bills(life.entropy), life.fate, DAY)
            for post in life.outposts
            if post.name in NETWORKS
        ]
        self.bills: dict[str, Bills] = {
            life.counter.name: life.counter.bills(life.entropy),
            **{one.channel: one for one in self.flawed},
        }
        self._is_known = False
        self._tries = 0
        self._mornings = 0

    def plan(self) -> None:
        """Put the mornings on the agenda."""
        for _ in range(DAYS):
            self._plan_morning()

    def _plan_morning(self) -> None:
        self._mornings += 1
        morning = START + timedelta(days=self._mornings) - _BEFORE_NOON
        self._life.later((morning - self._life.clock.now()).total_seconds(), "bills", self._morning)

    async def check(self) -> Counter[str]:
        """What was found, counted. Raises Broken."""
        owner, desk = self._life.city.owner, self._desk()
        before = await fingerprint(owner)
        await self._again(desk)
        if await fingerprint(owner) != before:
            raise Broken("a day that was reconciled again has changed something")
        flaws = [flaw for one in self.flawed for flaw in one.flaws]
        rows = {(one.channel, day): lines for one in self.flawed for day, lines in one.rows.items()}
        return await check_books(owner, Books(flaws, rows))

    async def _morning(self) -> None:
        """Bills are late, and whoever takes them is killed: as often as it takes."""
        life = self._life
        if not self._is_known:
            await self._know_ours()
            life.wake()
        self._tries += 1
        if self._tries > _CALM_AFTER:
            life.fate.rates = CALM
        done = False
        try:
            await advance(self._desk(), life.clock)
            done = await self._is_done()
            if done and await self._is_late():
                self._plan_morning()
        finally:
            if not done:
                life.later(_PAUSE_S, "bills again", self._morning)

    async def _know_ours(self) -> None:
        """Flaws are put into rows that both sides know to be done."""
        ours = await take_snapshot(self._life.city.owner)
        done: dict[str | None, set[Key]] = {}
        for payment in ours.payments.values():
            if payment.state == "SUCCEEDED":
                done.setdefault(payment.channel, set()).add((number_of(payment), ""))
        for refund in ours.refunds.values():
            if refund.state == "SUCCEEDED":
                payment = ours.payments[refund.payment]
                done.setdefault(payment.channel, set()).add((number_of(payment), refund.id))
        for one in self.flawed:
            one.is_ours = done.get(one.channel, set()).__contains__
        self._is_known = True

    async def _is_done(self) -> bool:
        """Whether all bills that are made by now are there."""
        days = (self._life.clock.now() - START).days + 1
        wanted = days * (len(self.bills) + sum(one.has_funds for one in self.flawed))
        owner = self._life.city.owner
        return bool(wanted <= await owner.fetchval("SELECT count(*) FROM settlement.bill"))

    async def _is_late(self) -> bool:
        """Whether the last morning that is planned has found what a day after it tells more of."""
        now = self._life.clock.now()
        today = civil_day(now).start
        last = START + timedelta(days=self._mornings) - _BEFORE_NOON
        return now >= last and bool(await self._life.city.owner.fetchval(_LATE, today))

    def _desk(self) -> Desk:
        return Desk(self._life.tools, self.bills, self._terms())

    def _terms(self) -> dict[str, Terms]:
        terms = {
            one.channel: Terms(since=DAY, rate_ppm=6000, fund_bill=one.has_funds)
            for one in self.flawed
        }
        return {**terms, self._life.counter.name: Terms(since=DAY, fund_bill=False)}

    async def _again(self, desk: Desk) -> None:
        """All days once more, and every file handed in again."""
        tools, clock = desk.tools, self._life.clock
        await advance(desk, clock)
        async with tools.database.transaction(readonly=True) as tx:
            kept = await list_bills(tx, limit=50, before=None, channel=None, day=None)
            files = [await file_of(tx, tools.sealer.ring, bill) for bill in kept]
        for file in files:
            if (await reconcile(desk, file, by="somebody", now=clock.now())).new:
                raise Broken(f"the bill of {file.channel} for {file.day} was taken twice")
