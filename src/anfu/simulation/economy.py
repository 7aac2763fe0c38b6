"""The economy at work: plans become orders, answers are answered, days go by.

Simulated time runs through `occurred_at`: as fast as the API answers, in order for each payer.
What people do next follows from the seed and from what the API said, never from how long it took.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

from anfu.kernel.errors import OutsideFailure
from anfu.simulation.client import BALANCE, Behaviour, Client, Method, Pay
from anfu.simulation.dice import chance, dice
from anfu.simulation.plan import Act, Deed, Plan, Side
from anfu.simulation.register import CURRENCY, Register
from anfu.simulation.reviewer import Reviewers
from anfu.simulation.tally import CHALLENGED, IN_REVIEW, REFUSED, SUCCEEDED, Tally, Trace
from anfu.simulation.world import World

CHANNEL = "sandbox"
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
_GUESSES = 5
_TOP_UP = 500_000
_DAY = timedelta(days=1)
_Work = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Pace:
    """New payments are made for `seconds` of real time and `days` of the world at the most,
    `at_once` of them in flight and `per_s` acts begun in a second."""

    seconds: float
    days: float = math.inf
    at_once: int = 32
    per_s: float = math.inf


class Economy:
    """One world living against one API. `tally` is kept up to date."""

    def __init__(
        self, client: Client, reviewers: Reviewers, world: World, register: Register, tally: Tally
    ) -> None:
        self.tally = tally
        self._reviewers = reviewers
        self._client, self._world, self._register = client, world, register
        self._last: dict[int, asyncio.Task[None]] = {}
        self._later: list[tuple[datetime, int, _Work]] = []
        self._numbers = count()
        self._planned: dict[int, list[Act]] = {}

    def foresee(self, days: int) -> None:
        """Plan the first `days` days now, so that it takes no time while they go by."""
        for day in range(days):
            self._planned[day] = self._world.acts(day)

    async def run(self, pace: Pace) -> float:
        """Let days go by, then wait for what is under way; for how many seconds new orders were
        placed."""
        started = time.perf_counter()
        slots = asyncio.Semaphore(pace.at_once)
        async with asyncio.TaskGroup() as group:
            for number, act in enumerate(self._acts(pace.days)):
                await slots.acquire()
                await _until(started + number / pace.per_s)
                if time.perf_counter() - started >= pace.seconds:
                    break
                self.tally.today = act.at
                self._due(act.at, group)
                before = self._last.get(act.payer)
                self._last[act.payer] = group.create_task(self._turn(act, before, slots))
            return time.perf_counter() - started

    def _acts(self, days: float) -> Iterator[Act]:
        day = 0
        while day < days:
            yield from self._planned.pop(day, None) or self._world.acts(day)
            day += 1

    def _due(self, now: datetime, group: asyncio.TaskGroup) -> None:
        """Start what was put off until now."""
        while self._later and self._later[0][0] <= now:
            group.create_task(_leniently(heapq.heappop(self._later)[2]))

    async def _turn(
        self, act: Act, before: asyncio.Task[None] | None, slots: asyncio.Semaphore
    ) -> None:
        try:
            if before is not None:
                await asyncio.wait([before])
            await (self._act(act) if isinstance(act, Plan) else self._do(act))
        finally:
            slots.release()

    async def _act(self, plan: Plan) -> None:
        """Pay, and go on as whoever pays goes on. What nobody answers is found out at the end."""
        try:
            trace = await self._pay(plan)
        except OutsideFailure:
            self.tally.unanswered(plan)
            return
        with suppress(OutsideFailure):
            await self._go_on(trace)
        self._put_off(trace)

    async def _do(self, deed: Deed) -> None:
        """Tell what was done besides paying, as the app does."""
        accounts = self._register.accounts
        new_phone = f"{deed.payer}-{deed.key}" if deed.kind == "PHONE_CHANGE" else None
        behaviour = Behaviour(
            event=deed.key,
            kind=deed.kind,
            payer=accounts[deed.payer],
            payee=None if deed.payee is None else self._register.party(deed.payee),
            duration_ms=deed.duration_ms,
            phone=new_phone,
            environment=deed.place,
            occurred_at=deed.at.isoformat(timespec="milliseconds"),
        )
        with suppress(OutsideFailure):
            reply = await self._client.observe(behaviour, key=deed.key)
            self.tally.deeds += reply.good

    async def _go_on(self, trace: Trace) -> None:
        honest = trace.plan.honest
        if trace.first == CHALLENGED:
            await (self._answer(trace) if honest else self._guess(trace))
        elif trace.first == IN_REVIEW:
            await self._review(trace)
        elif trace.first == REFUSED and honest:
            await self._another_way(trace)

    async def _pay(self, plan: Plan) -> Trace:
        if plan.share is not None:
            plan = await self._seen(plan, plan.share)
        order = Pay(
            payer=self._register.accounts[plan.payer],
            payee=self._register.party(plan.payee),
            amount=plan.amount,
            currency=CURRENCY,
            method=BALANCE if plan.card is None else Method(CHANNEL, plan.card),
            environment=plan.place,
            factors=plan.factors,
            order=plan.key,
            promotion=plan.promotion,
            occurred_at=plan.at.isoformat(timespec="milliseconds"),
        )
        return self.tally.answered(plan, await self._client.pay(order, key=plan.key))

    async def _seen(self, plan: Plan, share: float) -> Plan:
        """The plan with its share of the balance the account shows."""
        seen = await self._client.balance(self._register.accounts[plan.payer], CURRENCY)
        amount = min(plan.amount, int(seen.body.get("available", 0) * share))
        return replace(plan, amount=amount) if amount > 0 else plan

    async def _answer(self, trace: Trace) -> None:
        """The payer types the code on the phone: mostly right, at times only the second time; a
        few let it be."""
        thrown = dice(self._world.seed, "answer", trace.plan.key)
        if chance(thrown, 0.03):
            await self._cancel(trace)
            return
        said = await self._client.messages(self._register.accounts[trace.plan.payer])
        found = _CODE.search(said.body["data"][0]["text"])
        assert found is not None
        if chance(thrown, 0.05):
            await self._prove(trace, f"{(int(found[0]) + 1) % 1_000_000:06d}", 0)
        await self._prove(trace, found[0], 1)

    async def _guess(self, trace: Trace) -> None:
        """Who has not got the phone guesses until the challenge is locked, or goes away."""
        thrown = dice(self._world.seed, "guess", trace.plan.key)
        if chance(thrown, 0.5):
            await self._cancel(trace)
            return
        for n in range(_GUESSES):
            if trace.state == CHALLENGED:
                await self._prove(trace, f"{thrown.randrange(1_000_000):06d}", n)

    async def _prove(self, trace: Trace, code: str, n: int) -> None:
        assert trace.payment is not None
        reply = await self._client.prove(trace.payment, code, key=f"{trace.plan.key}-code-{n}")
        if reply.good:
            trace.read(reply.body)

    async def _cancel(self, trace: Trace) -> None:
        assert trace.payment is not None
        reply = await self._client.cancel(trace.payment, key=f"{trace.plan.key}-cancel")
        if reply.good:
            trace.read(reply.body)

    async def _review(self, trace: Trace) -> None:
        assert trace.payment is not None
        reply = await self._reviewers.review(trace.payment, key=f"{trace.plan.key}-review")
        if reply.good:
            trace.read(reply.body)

    async def _another_way(self, trace: Trace) -> None:
        """A payer refused for want of money tops up; by the limit for one factor, confirms with
        two; by any other limit, pays with a card. Each is tried once, as a payment of its own."""
        plan, refusal = trace.plan, trace.refusal or {}
        if plan.key.endswith("-again"):
            return
        again = replace(plan, key=f"{plan.key}-again", at=plan.at + timedelta(minutes=1))
        if refusal.get("code") == "insufficient_funds":
            account = self._register.accounts[plan.payer]
            key = f"{plan.key}-top-up"
            await self._client.deposit(account, max(_TOP_UP, plan.amount), CURRENCY, key=key)
        elif "second_factor" in refusal.get("raise_by", ()):
            again = replace(again, factors=("password", "device_key"))
        elif plan.payee[0] is Side.MERCHANT:
            again = replace(again, card=self._world.payers[plan.payer].cards[0])
        else:
            return  # a friend waits until tomorrow
        await self._act(again)

    def _put_off(self, trace: Trace) -> None:
        """What follows days later: a label, a refund."""
        plan, payment = trace.plan, trace.payment
        if payment is None or trace.state == REFUSED:
            return
        thrown = dice(self._world.seed, "later", plan.key)
        days = thrown.uniform(0.5, 3.0)
        if not plan.honest or chance(thrown, 0.02):
            at = plan.at + days * _DAY
            self._at(at, lambda: self._label(plan, payment, at))
        goods = plan.payee[0] is Side.MERCHANT and trace.state == SUCCEEDED
        if plan.returns and goods:
            at = plan.at + timedelta(hours=thrown.uniform(0.3, 1.2))
            self._at(at, lambda: self._refund(plan, payment, 0, None))
        elif plan.honest and goods and chance(thrown, 0.025):
            for n, amount in enumerate(_parts(trace.amount, thrown.random())):
                at = plan.at + timedelta(hours=thrown.uniform(1, 40) + n)
                self._at(at, lambda n=n, a=amount: self._refund(plan, payment, n, a))  # type: ignore[misc]

    def _at(self, moment: datetime, work: _Work) -> None:
        heapq.heappush(self._later, (moment, next(self._numbers), work))

    async def _label(self, plan: Plan, payment: str, at: datetime) -> None:
        truth = "HONEST" if plan.honest else "FRAUD"
        said = at.isoformat(timespec="milliseconds")
        reply = await self._client.label(payment, truth, key=f"{plan.key}-label", at=said)
        self.tally.labels += reply.good

    async def _refund(self, plan: Plan, payment: str, n: int, amount: int | None) -> None:
        reply = await self._client.refund(payment, amount, key=f"{plan.key}-refund-{n}")
        self.tally.refunds[reply.body["state"] if reply.good else reply.code or "?"] += 1
        self.tally.refunded += reply.body["amount"] if reply.good else 0


def _parts(amount: int, rolled: float) -> tuple[int | None, ...]:
    """How a purchase is given back: whole, in part, in parts, in parts and then the rest."""
    third = amount // 3
    if rolled < 0.5 or third == 0:
        return (None,)
    return (third,) if rolled < 0.75 else (third, third) if rolled < 0.9 else (third, None)


async def _until(moment: float) -> None:
    """Wait for a moment of `perf_counter`; what is late goes on at once."""
    left = moment - time.perf_counter()
    if left > 0:
        await asyncio.sleep(left)


async def _leniently(work: _Work) -> None:
    with suppress(OutsideFailure):
        await work()
