"""The API as its callers see it: signed writes, idempotency keys, patience."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct

from anfu.kernel.clock import Clock
from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.parties.signature import SignedRequest, sign_request, signing_key
from anfu.simulation.wire import RawReply, Wire

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.02, 1.0
_encode = msgspec.json.Encoder().encode


class Place(Struct, frozen=True, omit_defaults=True):
    """What is seen of device and place; the API calls it `environment`."""

    device: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class Method(Struct, frozen=True, omit_defaults=True):
    """`balance`, or a channel with a card token."""

    type: str = ""
    card: str | None = None


BALANCE = Method("balance")


class Pay(Struct, frozen=True, omit_defaults=True):
    """An order to pay, in the words of the API; `occurred_at` is RFC 3339."""

    payer: str
    payee: str
    amount: int
    currency: str = ""
    method: Method | None = None
    environment: Place | None = None
    factors: tuple[str, ...] = ()
    order: str | None = None
    description: str | None = None
    terminal: str | None = None
    promotion: str | None = None
    occurred_at: str | None = None


class Behaviour(Struct, frozen=True, omit_defaults=True):
    """What a payer did besides paying, in the words of the API."""

    event: str
    kind: str
    payer: str
    payee: str | None = None
    duration_ms: int | None = None
    phone: str | None = None
    environment: Place | None = None
    occurred_at: str | None = None


class Person(Struct, frozen=True, omit_defaults=True):
    """A customer to be opened; `document` is (type, number)."""

    name: str
    phone: str
    document: tuple[str, str]
    account_class: int
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """`body` is the decoded JSON; `seconds` the time from the first sending to the answer, all
    `attempts` included."""

    status: int
    body: Mapping[str, Any]
    seconds: float
    attempts: int

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def code(self) -> str | None:
        """The code of a problem."""
        return None if self.good else self.body.get("code")


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """An API key and its secret."""

    key: str
    secret: str


@dataclass(frozen=True, slots=True)
class Patience:
    """How one call is bounded: `answer_s` for one sending, `whole_s` for all of them."""

    answer_s: float = 30.0
    whole_s: float = 60.0
    connections: int = 64


class Client:
    """One caller. Every write takes `key`, its idempotency key; a write that got no answer, or
    503, or 409 while its first sending is still at work, is sent again under the same key.

    Raises OutsideFailure(UNKNOWN) when patience ends. Close when done.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        clock: Clock,
        patience: Patience = Patience(),
    ) -> None:
        self._wire = Wire(base_url, connections=patience.connections, timeout_s=patience.answer_s)
        self._key = credentials.key
        self._bearer = f"Bearer {credentials.key}.{credentials.secret}"
        self._signing = signing_key(credentials.secret)
        self._clock = clock
        self._patience = patience
        self.repeats = 0
        """How many requests were sent again."""

    async def pay(self, order: Pay, *, key: str) -> Reply:
        return await self.post("/v1/payments", order, key=key)

    async def prove(self, payment: str, code: str, *, key: str) -> Reply:
        return await self.post(f"/v1/payments/{payment}/challenge", {"code": code}, key=key)

    async def cancel(self, payment: str, *, key: str) -> Reply:
        return await self.post(f"/v1/payments/{payment}/cancel", None, key=key)

    async def case_of(self, payment: str) -> Reply:
        """The open case about a payment, as a page of one at the most."""
        return await self.get(f"/v1/cases?event={payment}")

    async def case(self, case: str) -> Reply:
        return await self.get(f"/v1/cases/{case}")

    async def work(self, case: str, how: str, body: object = None, *, key: str) -> Reply:
        """Do something with a case: claim, verdict, confirm."""
        return await self.post(f"/v1/cases/{case}/{how}", body, key=key)

    async def refund(self, payment: str, amount: int | None, *, key: str) -> Reply:
        body = {"payment": payment} if amount is None else {"payment": payment, "amount": amount}
        return await self.post("/v1/refunds", body, key=key)

    async def label(self, payment: str, label: str, *, key: str, at: str) -> Reply:
        body = {"payment": payment, "label": label, "source": "simulation", "at": at}
        return await self.post("/v1/labels", body, key=key)

    async def observe(self, behaviour: Behaviour, *, key: str) -> Reply:
        return await self.post("/v1/events", behaviour, key=key)

    async def deposit(self, party: str, amount: int, currency: str, *, key: str) -> Reply:
        body = {"party": party, "amount": amount, "currency": currency}
        return await self.post("/v1/deposits", body, key=key)

    async def create_customer(self, person: Person, *, key: str) -> Reply:
        kind, number = person.document
        document = {"type": kind, "number": number}
        body = {**msgspec.to_builtins(person), "document": document}
        return await self.post("/v1/customers", body, key=key)

    async def create_merchant(self, name: str, mcc: str | None, *, key: str) -> Reply:
        return await self.post("/v1/merchants", {"name": name, "mcc": mcc}, key=key)

    async def payment(self, payment: str) -> Reply:
        return await self.get(f"/v1/payments/{payment}")

    async def payments(self, *, state: str, limit: int = 100) -> Reply:
        return await self.get(f"/v1/payments?state={state}&limit={limit}")

    async def balance(self, party: str, currency: str) -> Reply:
        return await self.get(f"/v1/balances/{party}/{currency}")

    async def messages(self, to: str) -> Reply:
        """The development outbox."""
        return await self.get(f"/v1/development/messages?to={to}")

    async def proofs(self, subject: str) -> Reply:
        return await self.get(f"/v1/evidence/proofs/{subject}")

    async def get(self, target: str) -> Reply:
        """Read `target`, a path with its query."""
        return await self._patiently("GET", target, b"", None)

    async def post(self, target: str, body: object, *, key: str) -> Reply:
        """Write `body` (anything msgspec encodes; None for no body)."""
        content = b"" if body is None else _encode(body)
        return await self._patiently("POST", target, content, key)

    def close(self) -> None:
        """Let go of the connections."""
        self._wire.close()

    async def _patiently(self, method: str, target: str, body: bytes, key: str | None) -> Reply:
        started = time.perf_counter()
        attempts, wait = 0, _FIRST_WAIT_S
        while True:
            attempts += 1
            try:
                status, answer = await self._once(method, target, body, key)
            except OutsideFailure as failure:
                why, ends = failure.reason, None
            else:
                ends = Reply(status, _decoded(answer), time.perf_counter() - started, attempts)
                if not _again(ends):
                    return ends
                why = f"http {status}"
            if time.perf_counter() - started + wait > self._patience.whole_s:
                if ends is not None:
                    return ends
                raise OutsideFailure(Outcome.UNKNOWN, f"{method} {target}: {why}")
            self.repeats += 1
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT_S)

    async def _once(self, method: str, target: str, body: bytes, key: str | None) -> RawReply:
        if key is None:
            return await self._wire.exchange(method, target, {"Authorization": self._bearer})
        request = SignedRequest(method, target, key, body)
        headers = {
            "Anfu-Key": self._key,
            "Anfu-Signature": sign_request(self._signing, request=request, now=self._clock.wall()),
            "Idempotency-Key": key,
        }
        return await self._wire.exchange(method, target, headers, body)


def _again(reply: Reply) -> bool:
    """Whether the same request may be answered otherwise soon."""
    return reply.status == 503 or reply.code == "idempotency_in_flight"


def _decoded(answer: bytes) -> Mapping[str, Any]:
    try:
        decoded = msgspec.json.decode(answer)
    except msgspec.DecodeError:
        return {}
    return decoded if isinstance(decoded, dict) else {}
