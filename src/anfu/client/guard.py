"""Guard: a decision in front of a payment function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from hashlib import sha256
from typing import ParamSpec, TypeVar

from anfu.client.answers import Decision
from anfu.client.asynchronous import AsyncClient
from anfu.client.problems import NoAnswer
from anfu.client.sync import Client
from anfu.client.wishes import Payment

P = ParamSpec("P")
R = TypeVar("R")


class Stopped(Exception):  # noqa: N818 - it says what the payment is
    """The payment was not made. `decision` says why and what to do (CHALLENGE: ask the payer;
    REVIEW: have it looked at; BLOCK: no); None when there was no answer and the caller's own
    policy does without none."""

    def __init__(self, payment: Payment, decision: Decision | None) -> None:
        why = "no answer" if decision is None else f"{decision.outcome} {decision.reasons}"
        super().__init__(f"{payment.event}: {why}")
        self.payment = payment
        self.decision = decision


def guard(
    client: Client,
    describe: Callable[P, Payment],
    *,
    deadline_ms: int = 50,
    within_s: float = 0.5,
    unanswered: Callable[[Payment], bool] = lambda _payment: False,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a function that pays: it runs only after ALLOW, else Stopped is raised.

    `describe` says of its arguments what payment they are. `unanswered` is the caller's policy for
    when no answer came within `within_s`: whether this payment is made all the same. The event's
    id makes the idempotency key, so that a payment tried again is not counted twice.
    """

    def decorate(pay: Callable[P, R]) -> Callable[P, R]:
        @wraps(pay)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            payment = describe(*args, **kwargs)
            try:
                decision = client.decide(
                    payment, deadline_ms=deadline_ms, key=_key(payment), within_s=within_s
                )
            except NoAnswer as silence:
                if not unanswered(payment):
                    raise Stopped(payment, None) from silence
            else:
                _check(payment, decision)
            return pay(*args, **kwargs)

        return guarded

    return decorate


def guard_async(
    client: AsyncClient,
    describe: Callable[P, Payment],
    *,
    deadline_ms: int = 50,
    within_s: float = 0.5,
    unanswered: Callable[[Payment], bool] = lambda _payment: False,
) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """As `guard`, for a function that is awaited."""

    def decorate(pay: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        @wraps(pay)
        async def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            payment = describe(*args, **kwargs)
            try:
                decision = await client.decide(
                    payment, deadline_ms=deadline_ms, key=_key(payment), within_s=within_s
                )
            except NoAnswer as silence:
                if not unanswered(payment):
                    raise Stopped(payment, None) from silence
            else:
                _check(payment, decision)
            return await pay(*args, **kwargs)

        return guarded

    return decorate


def _check(payment: Payment, decision: Decision) -> None:
    if not decision.allowed:
        raise Stopped(payment, decision)


def _key(payment: Payment) -> str:
    """Of the characters a key may have, whatever the event is called."""
    return sha256(payment.event.encode()).hexdigest()
