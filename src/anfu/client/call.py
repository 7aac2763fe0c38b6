"""A call without the wire: what is sent, when it is sent again, what its end means. The two clients
only carry it."""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import msgspec

from anfu.client.problems import NoAnswer, Problem, ProblemDocument
from anfu.client.signing import Request, sign, sign_once, signing_key

T = TypeVar("T")
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.02, 1.0
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Settings:
    """How a client behaves. `timeout_s` bounds one sending, `whole_s` a call with all its
    sendings and the waits between them. `clock` is seconds since 1970, `stopwatch` any seconds
    that only rise, `entropy` so many random bytes: replaced by whoever must repeat a run."""

    timeout_s: float = 2.0
    whole_s: float = 10.0
    clock: Callable[[], float] = time.time
    stopwatch: Callable[[], float] = time.monotonic
    entropy: Callable[[int], bytes] = os.urandom


USUAL = Settings()


@dataclass(frozen=True, slots=True)
class Credentials:
    """An API key and its secret. With `nonces`, which some keys ask for, every request is signed
    to be good once; without, writes are signed and reads bring the secret itself."""

    key: str
    secret: str = field(repr=False)
    nonces: bool = False


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An API key that was made with a public key of ours. `sign` makes Ed25519 signatures (RFC
    8032, 64 bytes) with the private half: `Ed25519PrivateKey.sign`, or what a module that never
    gives the key away offers. Every request is signed to be good once."""

    key: str
    sign: Callable[[bytes], bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ask(Generic[T]):
    """One request and the type of its answer; a read has no body and no idempotency key. `reason`:
    why personal data are read."""

    method: str
    target: str
    answer: type[T]
    body: bytes = b""
    idempotency_key: str = ""
    reason: str | None = None


class Speaker:
    """Signs requests and reads answers, for one key."""

    def __init__(self, credentials: Credentials | KeyPair, settings: Settings) -> None:
        self.settings = settings
        self._prove = _prover(credentials, settings)

    def write(self, target: str, body: Any, answer: type[T], key: str | None) -> Ask[T]:
        """A write; under a new idempotency key unless the caller has one of its own."""
        once = key if key is not None else self.settings.entropy(16).hex()
        return Ask("POST", target, answer, _encode(body), once)

    def headers(self, ask: Ask[Any]) -> dict[str, str]:
        """What proves it is us; made for each sending, since a signature ages and a nonce is good
        once."""
        if ask.method == "GET":
            why = {} if ask.reason is None else {"Anfu-Reason": quote(ask.reason, safe="")}
            return {**why, **self._prove(Request(ask.method, ask.target, None, ask.body))}
        return {
            "Content-Type": "application/json",
            "Idempotency-Key": ask.idempotency_key,
            **self._prove(Request(ask.method, ask.target, ask.idempotency_key, ask.body)),
        }


def _prover(
    credentials: Credentials | KeyPair, settings: Settings
) -> Callable[[Request], dict[str, str]]:
    """How a request is proven: the headers that do it."""
    if isinstance(credentials, KeyPair):
        return partial(_prove_once, credentials.key, credentials.sign, settings)
    key = signing_key(credentials.secret)
    if credentials.nonces:
        mac = partial(hmac.digest, key, digest="sha256")
        return partial(_prove_once, credentials.key, mac, settings)
    bearer = {"Authorization": f"Bearer {credentials.key}.{credentials.secret}"}
    return partial(_prove, credentials.key, key, bearer, settings)


def _prove_once(
    name: str, mac: Callable[[bytes], bytes], settings: Settings, request: Request
) -> dict[str, str]:
    nonce, seconds = settings.entropy(16).hex(), int(settings.clock())
    signature = sign_once(mac, request, seconds=seconds, nonce=nonce)
    return {"Anfu-Key": name, "Anfu-Signature": signature}


def _prove(
    name: str, key: bytes, bearer: dict[str, str], settings: Settings, request: Request
) -> dict[str, str]:
    if request.idempotency_key is None:
        return bearer
    signature = sign(
        key, method=request.method, target=request.target, body=request.body,
        idempotency_key=request.idempotency_key, seconds=int(settings.clock()),
    )  # fmt: skip
    return {"Anfu-Key": name, "Anfu-Signature": signature}


class Patience:
    """Whether and when a call is sent again: no answer, a server that is not ready, or the first
    sending still at work. Every sending is the same call, by its idempotency key."""

    def __init__(self, ask: Ask[Any], settings: Settings, within_s: float | None) -> None:
        self._ask, self._settings = ask, settings
        self._whole_s = settings.whole_s if within_s is None else within_s
        self._started = settings.stopwatch()
        self._wait_s = _FIRST_WAIT_S

    @property
    def timeout_s(self) -> float:
        """How long the next sending may take."""
        return max(0.001, min(self._settings.timeout_s, self._left_s))

    def before_next(self, why: str) -> float:
        """Seconds to wait before the next sending. Raises NoAnswer when time is up."""
        if self._left_s <= self._wait_s:
            raise NoAnswer(self._ask.idempotency_key, why)
        wait_s, self._wait_s = self._wait_s, min(2 * self._wait_s, _LONGEST_WAIT_S)
        return wait_s

    @property
    def _left_s(self) -> float:
        return self._started + self._whole_s - self._settings.stopwatch()


def read(ask: Ask[T], status: int, body: bytes) -> T | str:
    """The answer; or, in a word, why the same call may be answered otherwise soon.

    Raises Problem when the API said no.
    """
    if 200 <= status < 300:
        return msgspec.json.decode(body, type=ask.answer)
    try:
        document = msgspec.json.decode(body, type=ProblemDocument)
    except msgspec.DecodeError:
        document = ProblemDocument(status=status)
    if status in (502, 503, 504) or document.code == "idempotency_in_flight":
        return f"http {status}"
    raise Problem(document)
