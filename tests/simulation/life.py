"""One life: what payers, frauds, the network and fate do within an hour or so, from one seed.

One action at a time, in the order of virtual time; the journeys are the production's own. Between
two steps of one payment (decide, act, book) anything else may come first, and a crash takes with it
whatever was only in memory.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from tests.simulation.agenda import Entry
from tests.simulation.city import NETWORKS, SIGNER, START, City, open_tools
from tests.simulation.deeds import Deeds
from tests.simulation.fate import CALM, Crash, Fate, FrailDatabase
from tests.simulation.invariants import SENDING_BOUND, Broken, Due, Outside, check_quiet, check_tick
from tests.simulation.line import Letter, Work
from tests.simulation.network import Outpost, path_of
from tests.simulation.reckoning import Reckoning
from tests.simulation.shop import Shop
from tests.simulation.wechat import Counter

from anfu.channels.notices.sender import NoticeSender
from anfu.entrypoints.worker.rounds import deliver, seal_evidence
from anfu.kernel.clock import ManualClock
from anfu.kernel.errors import OutsideFailure, Refused
from anfu.kernel.ids import SeededEntropy
from anfu.payments.notice import Told, take_notices
from anfu.payments.recover import recover
from anfu.payments.tools import Tools

DEEDS = (6, 10)
"""How many deeds payers do in a life, at least and at most."""
SPAN_S = 1_200
"""Within how long they do them."""
BILLED, IDLE = 0.3, 0.4
"""How many lives see the bills of their days, and how many of these nobody works in until then."""
_DOWN_S = 4
_LAG_S = {"recover": 2, "deliver": 60}
_ROUNDS_MOST = 400


class Life:
    """`run` it once. `told` is called with a line for all that happens."""

    def __init__(self, city: City, seed: int, told: Callable[[str], None]) -> None:
        self.city, self.seed, self.told = city, seed, told
        self.dice = random.Random(seed)
        self.clock = ManualClock(START)
        self.entropy = SeededEntropy(seed)
        self.fate = Fate(random.Random(seed ^ 0x5EED), self.trace)
        self.shop = Shop(city.secret, self.fate)
        self.is_billed = self.dice.random() < BILLED
        self.counter = Counter(city.joined, self.fate, self)
        self.outposts = [self.counter, *(Outpost(name, self.fate, self) for name in NETWORKS)]
        self.ticks = 0
        self.process = 0
        self._agenda: list[Entry] = []
        self._order = itertools.count()
        self._taken: set[str] = set()
        self._up_at = START
        self.tools = self._start()
        self.deeds = Deeds(self)
        self.reckoning = Reckoning(self)
        self._idle, self._woken_at = False, START

    async def run(self) -> None:
        """Raises Broken, or whatever a journey raises that it must not."""
        self.deeds.plan(self.dice.randint(*DEEDS), SPAN_S)
        if self.is_billed:
            # In some lives nobody hears a notice, or comes back to anything, until the next day.
            self._idle = self.dice.random() < IDLE
            self.reckoning.plan()
        await self._rest()
        self.fate.rates = CALM
        if self.is_billed:
            self.fate.met += await self.reckoning.check()
        await seal_evidence(self.tools, self.clock, SIGNER)
        books = {post.name: post.book for post in self.outposts}
        untrue = {number for post in self.outposts for number in post.untrue}
        outside = Outside(books, self.shop.heard, self._taken, untrue)
        self.fate.met += await check_quiet(self.city.owner, outside, SIGNER.key)

    async def _rest(self) -> None:
        """Until nothing is left to be done. Raises Broken."""
        due = await self._tick(None)
        while self._agenda or due:
            due = await self._tick(self._next(due))
            if self.ticks > _ROUNDS_MOST:
                raise Broken("it does not come to rest")
            if self.clock.now() > START + timedelta(seconds=2 * SPAN_S):
                self.fate.rates = replace(self.fate.rates, line=0, post=0, shop=0)

    def wake(self) -> None:
        """Whoever did not listen or come back to anything does so from now on."""
        self._idle, self._woken_at = False, self.clock.now()
        self.fate.rates = replace(self.fate.rates, line=0)

    def later(self, seconds: float, name: str, work: Work) -> None:
        """Put something on the agenda that our processes do not carry."""
        self._put(seconds, name, work, None)

    def remembered(self, seconds: float, name: str, work: Work) -> None:
        """Put something on the agenda that dies with the process."""
        self._put(seconds, name, work, self.process)

    def trace(self, line: str) -> None:
        """Tell what happens, with the time."""
        self.told(f"{(self.clock.now() - START).total_seconds():9.3f} {line}")

    async def bring(self, letter: Letter) -> bool:
        """A notice comes in; whether it was taken."""
        if self._idle or self.clock.now() < self._up_at:
            return False
        channel = letter.channel
        read = self.tools.readers[channel].read
        try:
            notice = read(path_of(channel), letter.headers, letter.body, now=self.clock.now())
        except Refused:
            return False
        if letter.forged:
            raise Broken("a forged notice was believed")
        try:
            told = [Told(channel, notice)]
            [taken] = await take_notices(self.tools, told, now=self.clock.now())
        except OutsideFailure:
            return False
        if taken:
            self._taken.add(notice.nonce)
        return taken

    def _put(self, seconds: float, name: str, work: Work, process: int | None) -> None:
        at = self.clock.now() + timedelta(seconds=seconds)
        heapq.heappush(self._agenda, Entry(at, next(self._order), name, work, process))

    def _next(self, due: Due) -> Entry:
        """What comes first: the agenda, or a round of the worker."""
        rounds = {"recover": self._recover, "deliver": self._deliver}
        earliest = max(self._up_at, self.clock.now())
        ahead = [
            Entry(max(at, earliest) + self._lag(name), -1, name, rounds[name])
            for name, at in due.items()
        ]
        if self._agenda:
            ahead.append(self._agenda[0])
        first = min(ahead)
        return heapq.heappop(self._agenda) if first.order >= 0 else first

    def _lag(self, name: str) -> timedelta:
        """How late a worker comes to what is due."""
        return timedelta(seconds=self.dice.random() * _LAG_S[name])

    async def _tick(self, entry: Entry | None) -> Due:
        if entry is not None and entry.process in (None, self.process):
            self.ticks += 1
            self.clock.set(max(entry.at, self.clock.now()))
            self.trace(entry.name)
            try:
                await entry.work()
            except Crash:
                self.process += 1
                self._up_at = self.clock.now() + timedelta(seconds=_DOWN_S)
                self.tools = self._start()
            except OutsideFailure as failure:
                self.trace(f"  failed: {failure.reason}")
        # Who does not come back at all lets a payment be sent for as long as that.
        is_back = not self._idle and self.clock.now() - self._woken_at > SENDING_BOUND
        now = self.clock.now() if is_back else START
        due = await check_tick(self.city.owner, now=now)
        return {} if self._idle else due

    def _start(self) -> Tools:
        """A process from nothing but the database."""
        database = FrailDatabase(self.city.database, self.fate)
        channels = {post.name: post.channel(self.entropy) for post in self.outposts}
        city = self.city
        return open_tools(database, channels, self.entropy, city.tools.engine, city.joined)

    async def _recover(self) -> None:
        """A round of the worker, of one payment and one refund, and now and then the sealing."""
        await recover(self.tools, self.clock, most=1)
        if self.dice.random() < 0.2:
            await seal_evidence(self.tools, self.clock, SIGNER)

    async def _deliver(self) -> None:
        """A round of the worker, of all that is due to the shop."""
        await deliver(self.tools, self.clock, self.shop, NoticeSender(()))  # type: ignore[arg-type]

    async def end(self) -> None:
        """Let go of the lines."""
        for channel in self.tools.channels.values():
            await channel.aclose()  # type: ignore[attr-defined]
