"""The client for programs that wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, TypeVar

import httpx

from anfu.client.answers import Decision, Labelled, Observed
from anfu.client.asks import Asks
from anfu.client.call import USUAL, Ask, Credentials, KeyPair, Patience, Settings, read
from anfu.client.wishes import Behaviour, Label, Payment

T = TypeVar("T")


class Client:
    """Use as a context manager, or `close` it. May be used by several threads.

    Every call raises Problem when the API says no and NoAnswer when no answer came within
    `within_s` seconds (`Settings.whole_s` unless given). `key` is an idempotency key of the
    caller's own: the same call under the same key is done once and answered alike.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials | KeyPair,
        *,
        settings: Settings = USUAL,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._asks = Asks(credentials, settings)
        self._http = httpx.Client(base_url=base_url, transport=transport)
        self._sleep = sleep

    def decide(
        self,
        payment: Payment,
        *,
        deadline_ms: int | None = None,
        dry_run: bool = False,
        key: str | None = None,
        within_s: float | None = None,
    ) -> Decision:
        """Decide on one payment."""
        ask = self._asks.decide(payment, deadline_ms=deadline_ms, dry_run=dry_run, key=key)
        return self._carry(ask, within_s)

    def decide_all(
        self,
        payments: Sequence[Payment],
        *,
        deadline_ms: int | None = None,
        dry_run: bool = False,
        key: str | None = None,
        within_s: float | None = None,
    ) -> list[Decision]:
        """Decide on up to 128 payments in turn, all or none."""
        ask = self._asks.decide_all(payments, deadline_ms=deadline_ms, dry_run=dry_run, key=key)
        return self._carry(ask, within_s).data

    def decision(self, decision: str, *, reason: str | None = None) -> Decision:
        """Read one, with its facts and its reasons in words. `reason`: why, in at most 200
        characters, for the access log, since the facts are personal data."""
        return self._carry(self._asks.decision(decision, reason=reason), None)

    def observe(self, *behaviours: Behaviour, key: str | None = None) -> list[Observed]:
        """Tell what payers did, up to 128 things."""
        return self._carry(self._asks.observe(behaviours, key=key), None).data

    def label(self, *labels: Label, key: str | None = None) -> list[Labelled]:
        """Tell what payments turned out to be, up to 128."""
        return self._carry(self._asks.label(labels, key=key), None).data

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _carry(self, ask: Ask[T], within_s: float | None) -> T:
        patience = Patience(ask, self._asks.settings, within_s)
        while True:
            found = self._once(ask, patience.timeout_s)
            if not isinstance(found, str):
                return found
            self._sleep(patience.before_next(found))

    def _once(self, ask: Ask[T], timeout_s: float) -> T | str:
        headers: dict[str, Any] = self._asks.headers(ask)
        try:
            reply = self._http.request(
                ask.method, ask.target, content=ask.body, headers=headers, timeout=timeout_s
            )
        except httpx.TransportError as error:
            return type(error).__name__
        return read(ask, reply.status_code, reply.content)
