"""Timing: does the time an answer takes tell what is there, or how much of a secret is right?

Two kinds of question are asked in turn, the order of each pair drawn anew, so that whatever else
the machine does hits both alike. A difference passes when the signed ranks of the pairs'
differences (Wilcoxon) make chance less likely than 1 in 10,000, and it is more than 5 % of the
answer's time. Both are in the figures, whatever they are.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import fmean
from typing import Any

import httpx
import numpy as np
from scipy.stats import wilcoxon
from tests.attack.caller import Caller
from tests.attack.crew import crew_of
from tests.attack.enumeration import absent
from tests.attack.guessing import code_sent
from tests.attack.makers import LARGE, challenged, make_all, mandate, with_totp
from tests.attack.place import Place
from tests.attack.tally import Tally
from tests.journey.access.steps import HOME, ORIGIN
from tests.journey.factors.authenticators import Authenticator

from anfu.app.main import wire
from anfu.channels.sandbox.messages import Place as Line
from anfu.channels.sandbox.messages import sign
from anfu.kernel.ids import SystemEntropy

CHANCE, DIFFERENCE = 1e-4, 0.05
PAIRS = 400
_WARM = 20
Make = Callable[[int], httpx.Request]


@dataclass(frozen=True, slots=True)
class Question:
    """Two kinds of request whose answers must take the same time; `again` is a statement of the
    database's owner that gives attempts back, which no attacker can."""

    name: str
    one: Make
    other: Make
    again: str | None = None
    pairs: int = PAIRS


async def attack(place: Place) -> list[Tally]:
    """Each question in turn, again and only if it stands out: chance does not stand out twice."""
    tally = Tally("timing of look-ups and comparisons", "same work for known and unknown")
    for question in await _questions(place):
        told = await _measure(place, question)
        if told["stands_out"]:
            told = await _measure(place, question)
        tally.figures[question.name] = told
        tally.judge(f"{question.name}: {told}", not told["stands_out"])
    return [tally]


async def _measure(place: Place, question: Question) -> dict[str, Any]:
    dice, pairs = random.Random(7), []
    for number in range(_WARM + question.pairs):
        made = [(0, question.one), (1, question.other)]
        dice.shuffle(made)
        taken = [0.0, 0.0]
        for index, make in made:
            if question.again is not None:
                await place.owner.execute(question.again)
            taken[index] = await _time(place, make(number))
        if number >= _WARM:
            pairs.append(taken)
    return judge(np.array(pairs))


async def _time(place: Place, request: httpx.Request) -> float:
    started = time.perf_counter()
    answer = await place.http.send(request)
    taken = time.perf_counter() - started
    assert answer.status_code < 500, answer.text
    await asyncio.sleep(0)
    return taken


def judge(pairs: Any) -> dict[str, Any]:
    """The figures of pairs of seconds, (n, 2)."""
    differences = pairs[:, 0] - pairs[:, 1]
    chance = float(wilcoxon(differences).pvalue) if np.any(differences) else 1.0
    middle = float(np.median(differences))
    share = middle / float(np.median(pairs))
    return {
        "pairs": len(pairs),
        "mean_ms": [round(fmean(column) * 1e3, 3) for column in pairs.T],
        "difference": round(share, 4),
        "p": float(f"{chance:.2g}"),
        "stands_out": chance < CHANCE and abs(share) > DIFFERENCE,
    }


async def _questions(place: Place) -> list[Question]:
    names = await make_all(place)
    path, real, secret = "/v1/payments", str(place.own.key), place.own.secret
    nowhere = absent(names["customer"])
    first, last = _flip(secret, 3), _flip(secret, len(secret) - 1)

    def bearer(key: str, given: str) -> Make:
        headers = {"Authorization": f"Bearer {key}.{given}"}
        return lambda _: place.nobody.request("GET", path, headers=headers)

    def signed(key: str, given: str) -> Make:
        return lambda _: Caller(place.http, key, given).request("POST", path, {})

    def customer(name: str) -> Make:
        return lambda _: place.other.request("GET", f"/v1/customers/{name}")

    return [
        Question("key known or not", bearer(real, last), bearer(absent(real), last)),
        Question("key known or not, signed", signed(real, last), signed(absent(real), last)),
        Question("secret wrong early or late", bearer(real, first), bearer(real, last)),
        Question("customer of others or of nobody", customer(names["customer"]), customer(nowhere)),
        await _tickets(place),
        await _codes(place),
        await _passwords(place),
        await _logins(place),
        _notices(place),
    ]


def _flip(text: str, at: int) -> str:
    """`text` with one letter changed."""
    return text[:at] + ("a" if text[at] != "a" else "b") + text[at + 1 :]


async def _tickets(place: Place) -> Question:
    payment = await challenged(place, await place.customer(deposit=2 * LARGE))
    ticket = (await place.office.make(f"/v1/payments/{payment['id']}/ticket"))["ticket"]
    start = len(ticket) - 43

    def make(given: str) -> Make:
        return lambda _: place.nobody.request("POST", "/v1/checkout/challenge", {"ticket": given})

    return Question("ticket wrong early or late", make(_flip(ticket, start)),
                    make(_flip(ticket, len(ticket) - 2)))  # fmt: skip


async def _codes(place: Place) -> Question:
    """A code wrong in its first digit or in its last."""
    customer = await place.customer(deposit=2 * LARGE)
    payment = await challenged(place, customer)
    right = await code_sent(place, customer)

    def make(at: int) -> Make:
        digit = str((int(right[at]) + 1) % 10)
        code = right[:at] + digit + right[at + 1 :]
        path = f"/v1/payments/{payment['id']}/challenge"
        return lambda _: place.office.request("POST", path, {"code": code})

    again = _again("challenge", f"attempts_left = 5 WHERE payment = '{payment['id']}'")
    return Question("code wrong early or late", make(0), make(5), again, pairs=80)


async def _passwords(place: Place) -> Question:
    """A password a letter short of the right one, or nothing like it."""
    customer = await place.customer()
    await with_totp(place, customer)
    wanted = await mandate(place, customer)

    def make(password: str) -> Make:
        path, body = f"/v1/mandates/{wanted}/challenge", {"factor": "password"}
        return lambda _: place.own.request("POST", path, {**body, "password": password})

    again = _again("challenge", f"attempts_left = 5 WHERE payment = '{wanted}'") + _again(
        "factor", f"failures = 0, locked_until = NULL WHERE customer = '{customer}'"
    )
    return Question("password nearly right or not at all", make("blue-Heron-8"),
                    make("quite-other-1"), again, pairs=30)  # fmt: skip


async def _logins(place: Place) -> Question:
    """A password and a passkey of nobody, for an account of staff that is there or is not."""
    known = (await crew_of(place))["viewer"].member
    assert known is not None
    begun = (await place.http.post("/v1/sign_in/begin", headers=HOME)).json()
    assertion = Authenticator(origin=ORIGIN).get(begun["passkey"]["challenge"])
    form = {"ticket": begun["ticket"], "password": "wrong-Heron-1", "assertion": assertion}

    def make(login: str) -> Make:
        body = {**form, "login": login}
        return lambda _: place.nobody.request("POST", "/v1/sign_in", body, headers=HOME)

    again = "DELETE FROM parties.sign_in_attempt"
    return Question("account of staff or none", make(known.login), make("nobody.here"), again,
                    pairs=30)  # fmt: skip


def _again(table: str, change: str) -> str:
    """Attempts come back. Even of the owner the database takes that only without its triggers."""
    whole = f"authentication.{table}"
    return (f"ALTER TABLE {whole} DISABLE TRIGGER USER; UPDATE {whole} SET {change};"
            f"ALTER TABLE {whole} ENABLE TRIGGER USER;")  # fmt: skip


def _notices(place: Place) -> Question:
    """A notice whose signature is wrong, of a payment that is there or is not."""
    network, entropy = wire(place.stack.environment).network(), SystemEntropy()

    def make(at: int) -> Make:
        body, line = b'{"payment":"pay_1"}', Line("POST", "/v1/channels/sandbox/notices")
        now = datetime.now(UTC)
        headers = sign(network, line, body, now=now, entropy=entropy)
        headers["sandbox-signature"] = _flip(headers["sandbox-signature"], at)
        return lambda _: place.nobody.request("POST", line.path, body, headers=headers)

    return Question("notice's signature wrong early or late", make(0), make(50))
