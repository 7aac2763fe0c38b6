"""What people do: payers who pay, repeat and take back, reviewers, and frauds who try things on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
from tests.simulation import wechat
from tests.simulation.city import SOURCE, claim
from tests.simulation.scenes import ADDRESS, Payers, meeting

from anfu.channels.queries import list_development_messages
from anfu.kernel.errors import BrokenInvariant, OutsideFailure, Refused
from anfu.payments.book import Booking, book
from anfu.payments.call_off import call_off
from anfu.payments.pay import PayOrder, pay
from anfu.payments.payment import Payment, Refund, State
from anfu.payments.refund import RefundOrder, book_refund, refund
from anfu.payments.review import Disposition, dispose
from anfu.payments.send import send, send_refund
from anfu.payments.step_up import Proof, step_up
from anfu.risk.environment import Environment
from anfu.storage.idempotency import Answer

if TYPE_CHECKING:
    from tests.simulation.life import Life

METHODS = ("card", "card", "card", "balance", wechat.NAME)
CARDS = ("tok_good", "tok_good", "tok_good", "tok_other", "tok_insufficient_funds")
_RETRIES = 3
_WAITING = ("CHALLENGED", "IN_REVIEW", "AWAITING")


class Deeds:
    """Plans the deeds of a life and does them; `payments` are the answers people hold."""

    def __init__(self, life: Life) -> None:
        self.life, self.dice = life, life.dice
        self.payers = Payers(life)
        self.payments: list[dict[str, Any]] = []
        self.orders: list[PayOrder] = []

    def plan(self, count: int, span_s: float) -> None:
        """Put them on the agenda."""
        acts = [self._pay] * 8 + [self._refund] * 4 + [self._wait_ends] * 3 + [self._again]
        for number in range(count):
            at = self.dice.uniform(0, span_s) if number > 2 else self.dice.uniform(0, 60)
            act = self._pay if number < 3 else self.dice.choice(acts)
            key = f"{self.life.seed}-{number}"
            self.life.later(at, act.__name__, lambda act=act, key=key: act(key))

    async def _pay(self, key: str) -> None:
        dice = self.dice
        amount = dice.choice((dice.randint(1, 9_999), dice.randint(10_000, 39_999),
                              dice.randint(40_000, 59_999)))  # fmt: skip
        method = dice.choice(METHODS)
        order = PayOrder(
            claim=claim(key),
            merchant=None,
            payer=dice.choice(self.life.city.payers),
            payee=self.life.city.shop,
            amount=amount,
            currency="CNY",
            method=method,
            environment=Environment(address=ADDRESS),
            card=dice.choice(CARDS) if method == "card" else None,
            meeting=meeting(dice, method),
            factors=("password", "sms_code"),
        )
        self.orders.append(order)
        await self._order(order, _RETRIES)

    async def _again(self, _key: str) -> None:
        """An order under a key used before: the same, or, by a fraud, another amount."""
        if not self.orders:
            return
        order = self.dice.choice(self.orders)
        if self.dice.random() < 0.3:
            other = replace(order.claim, content=b"another".ljust(32, b"."))
            order = replace(order, claim=other, amount=order.amount + 1)
        await self._order(order, 0)

    async def _order(self, order: PayOrder, retries: int) -> None:
        """As the door does it; whoever gets no answer asks again under the same key."""
        life, done = self.life, False
        try:
            (result,) = await pay(life.tools, [order], now=life.clock.now())
            self._go_on(result)
            done = not (isinstance(result, Refused) and result.code == "idempotency_in_flight")
        except OutsideFailure as failure:
            life.trace(f"  no answer: {failure.reason}")
        finally:
            if not done and retries:
                after = self.dice.uniform(1, 90)
                life.later(after, "order again", lambda: self._order(order, retries - 1))

    def _go_on(self, result: Answer | Refused | Payment) -> None:
        """A payment in SENDING is sent; an answer is kept."""
        life = self.life
        if isinstance(result, Payment):
            life.trace(f"  {result.id} {result.state} {result.amount}")
            after = self.dice.choice((0.0, 0.01, 5.0))
            life.remembered(after, f"send {result.id}", lambda: self._send(result))
        elif isinstance(result, Answer):
            document = msgspec.json.decode(result.body)
            life.trace(f"  {document['id']} {document['state']} {document['amount']}")
            self.payments.append(document)
            self.payers.look(document)
        else:
            life.trace(f"  refused: {result.code}")

    async def _send(self, payment: Payment) -> None:
        booking = await send(self.life.tools, payment, now=self.life.clock.now())
        self.life.trace(f"  {booking.answer.outcome} {booking.answer.reason}")
        after = self.dice.choice((0.0, 0.02, 40.0))
        self.life.remembered(after, f"book {payment.id}", lambda: self._book(booking))

    async def _book(self, booking: Booking) -> None:
        (answer,) = await book(self.life.tools, [booking], now=self.life.clock.now())
        self._go_on(answer)

    async def _refund(self, key: str) -> None:
        """Of something paid, or not; a part, all, or, by a fraud, more than is left."""
        if not self.payments:
            return
        paid = self.dice.choice(self.payments)
        most = int(paid["amount"])
        amount = self.dice.choice((None, most, max(1, most // 2), max(1, most // 3), most + 1))
        order = RefundOrder(claim(key), None, paid["id"], amount, None)
        life = self.life
        try:
            made = await refund(life.tools, order, now=life.clock.now())
        except Refused as refused:
            life.trace(f"  refused: {refused.code}")
            return
        if isinstance(made, Refund):
            life.trace(f"  {made.id} {made.amount} of {made.payment}")
            life.remembered(0.01, f"send {made.id}", lambda: self._send_refund(made))

    async def _send_refund(self, made: Refund) -> None:
        answer = await send_refund(self.life.tools, made, first=True)
        self.life.trace(f"  {answer.outcome} {answer.reason}")

        async def booked() -> None:
            await book_refund(
                self.life.tools, made.id, answer, now=self.life.clock.now(), first=True
            )

        self.life.remembered(self.dice.choice((0.0, 30.0)), f"book {made.id}", booked)

    async def _wait_ends(self, key: str) -> None:
        """A challenge is met, or missed; a reviewer or the caller ends what waits."""
        waiting = [p for p in self.payments if p["state"] in _WAITING]
        if not waiting:
            return
        payment = self.dice.choice(waiting)
        try:
            if payment["state"] == "CHALLENGED" and self.dice.random() < 0.7:
                self._go_on(await self._prove(key, payment))
            elif payment["state"] == "AWAITING":
                self._go_on(await self._end(key, payment, State.CANCELLED))
            else:
                ends = (State.SUCCEEDED, State.REJECTED, State.CANCELLED)
                self._go_on(await self._end(key, payment, self.dice.choice(ends)))
        except Refused as refused:
            self.life.trace(f"  refused: {refused.code}")

    async def _end(
        self, key: str, payment: dict[str, Any], end: State
    ) -> Answer | Refused | Payment:
        """As the door does it: what waits at a network is called off."""
        wish, life = Disposition(claim(key), None, payment["id"], end, by=SOURCE), self.life
        if end is State.CANCELLED:
            called_off = await call_off(life.tools, wish, now=life.clock.now())
            if called_off is not None:
                return called_off
        return await dispose(life.tools, wish, now=life.clock.now())

    async def _prove(self, key: str, payment: dict[str, Any]) -> Answer | Refused | Payment:
        life = self.life
        async with life.city.database.transaction(readonly=True) as tx:
            found = await list_development_messages(tx, recipient=payment["payer"])
        if not found:
            raise BrokenInvariant("a challenge whose code nobody was sent")
        ring = life.tools.sealer.ring
        text = ring.unseal(found[0].sealed, bound_to=found[0].id).decode()
        code = "".join(c for c in text.split("code")[-1] if c.isdigit())[:6]
        code = code if self.dice.random() < 0.8 else "000000"
        proof = Proof(claim(key), None, payment["id"], code)
        return await step_up(life.tools, proof, now=life.clock.now())
