"""What the load of `anfu bench` sends: a plan, and from its seed bodies of requests without end.

PLAIN payments name their device and are confirmed by two factors. SECURED ones are the same but
for what makes the difference: they come from a device session with a signed profile, and those of
payers with a mandate draw on it instead of being confirmed. NETWORK payments go through the sandbox
network, from a card.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import accumulate, islice
from typing import Any

from msgspec import Struct

PLAIN, SECURED, NETWORK = "plain", "secured", "network"
# What a payer of the benchmark pays, in minor units: far below every limit and above what the
# rules take for probing.
LEAST, MOST = 600, 3_000
_BODY = (
    b'{"payer":"%b","payee":"%b","amount":%d,"currency":"CNY","method":%b,'
    b'"environment":{"%b","address":"%b","latitude":%.4f,"longitude":%.4f},%b,"order":"%b"}'
)
_WISH = (
    b'{"payer":"%b","payee":"%b","amount":%d,"currency":"CNY","method":"BALANCE",'
    b'"environment":{"%b","address":"%b","latitude":%.4f,"longitude":%.4f},"event":"%b"}'
)
_CARD = b'{"type":"sandbox","card":"tok_%b"}'
_BALANCE = b'{"type":"balance"}'
_FACTORS = b'"factors":["password","sms_code"]'


class Known(Struct, frozen=True):
    """What a payer has been given beforehand: a device, a session of it with its profile, and
    perhaps a mandate for `merchant`."""

    device: str
    session: str
    mandate: str | None = None
    merchant: str | None = None


class Plan(Struct, frozen=True):
    """What to send, where and for how long; `result` is the file for what came of it. `kinds`: of
    the windows in turn, each of `seconds`. `known`: of the payers, in their order; SECURED payments
    need it. `batch`: so many decisions a request, of payments that are not made; None: payments."""

    host: str
    port: int
    key: str
    secret: str
    payers: list[str]
    merchants: list[str]
    connections: int
    warm_up_s: float
    seconds: float
    seed: int
    result: str
    batch: int | None = None
    kinds: tuple[str, ...] = (PLAIN,)
    known: list[Known] | None = None


class _Home(Struct, frozen=True):
    """A payer as its payments show it; `seen` and `proof` are parts of a body."""

    payer: bytes
    seen: bytes
    proof: bytes
    address: bytes
    latitude: float
    longitude: float
    merchant: bytes | None


def orders(plan: Plan, kind: str = PLAIN) -> Iterator[tuple[bytes, bytes]]:
    """Idempotency keys and bodies of requests without end, other keys for another kind."""
    paid = _paid(plan, kind)
    if plan.batch is None:
        for payer, payee, amount, *values, proof, key in paid:
            method = _CARD % payer if kind == NETWORK else _BALANCE
            yield key, _BODY % (payer, payee, amount, method, *values, proof, key)
        return
    while True:
        some = list(islice(paid, plan.batch))
        wishes = [_WISH % (*values, key) for *values, _, key in some]
        yield some[0][-1], b'{"decisions":[%b]}' % b",".join(wishes)


def address_of(number: int) -> str:
    """The address of the payer of this number."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def draw_merchants(merchants: list[str], count: int, dice: random.Random) -> list[str]:
    """Merchants, the n-th as likely as 1/n, so that the first of fifty takes about a fifth."""
    weights = list(accumulate(1 / rank for rank in range(1, len(merchants) + 1)))
    return dice.choices(merchants, cum_weights=weights, k=count)


def _paid(plan: Plan, kind: str) -> Iterator[tuple[Any, ...]]:
    """What `_BODY` is filled with; the last is a name of its own.

    Payers take turns in a new random order each round, each with a device, an address and a home
    of its own. Who has a mandate pays its merchant alone, in payments of both kinds.
    """
    dice = random.Random(plan.seed)  # noqa: S311 - repeatable by intent
    homes = [_home(plan, number, kind, dice) for number in range(len(plan.payers))]
    dice.seed(f"{plan.seed} {kind}")  # homes are the same for all kinds, turns are not
    count = 0
    while True:
        dice.shuffle(homes)
        drawn = draw_merchants(plan.merchants, len(homes), dice)
        for home, merchant in zip(homes, drawn, strict=True):
            count += 1
            key = b"bench-%b-%d-%d" % (kind.encode(), plan.seed, count)
            amount = LEAST + int(dice.random() * (MOST - LEAST + 1))
            place = (home.latitude + dice.random() / 100, home.longitude + dice.random() / 100)
            payee = home.merchant or merchant.encode()
            yield home.payer, payee, amount, home.seen, home.address, *place, home.proof, key


def _home(plan: Plan, number: int, kind: str, dice: random.Random) -> _Home:
    known = None if plan.known is None else plan.known[number]
    device = f"phone-{number}" if known is None else known.device
    seen, proof = f'device":"{device}', _FACTORS
    if kind == SECURED:
        assert known is not None
        seen = f'session":"{known.session}'
        if known.mandate is not None:
            proof = b'"mandate":"%b"' % known.mandate.encode()
    merchant = None if known is None or known.merchant is None else known.merchant.encode()
    place = (dice.uniform(23, 41), dice.uniform(103, 121))
    address = address_of(number).encode()
    return _Home(plan.payers[number].encode(), seen.encode(), proof, address, *place, merchant)
