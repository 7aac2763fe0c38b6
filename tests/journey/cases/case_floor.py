"""The floor where cases are worked: people with keys of their own, payments that are held."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterable
from typing import Any

import httpx
from tests.journey.conftest import Client, House, by_card

from anfu.risk.cases import operations
from anfu.risk.cases.policy import CasePolicy

_numbers = itertools.count(1)
# Whoever says what becomes of a case has looked at it, and that is written down.
LOOKED = "parties.access_log"
# What the payer said on the telephone.
TEXT = "付款人张小明 13800000001 说不是他"
FILE = {"media_type": "text/plain", "name": "张小明.txt", "shows": "张小明 denies the payment",
        "content": base64.b64encode(TEXT.encode()).decode()}  # fmt: skip


async def worker(house: House, scopes: Iterable[str] = ("cases:read", "cases:write")) -> Client:
    """A person of the institution who works on cases and does nothing else."""
    return await house.client(scopes=scopes)


async def adopt(house: House, **values: Any) -> CasePolicy:
    """Bring a policy into force, other than the default in `values`."""
    policy = CasePolicy(**values)
    await house.database.run(
        lambda tx: operations.put_policy(
            tx, policy=policy, proposal="prp_test", now=house.clock.now()
        )
    )
    return policy


async def rich_customer(house: House) -> str:
    """A customer of class III with a hundred thousand yuan."""
    return await house.office.customer(deposit=10_000_000)


async def hold(
    house: House, payer: str | None = None, payee: str | None = None, amount: int = 10_000,
    device: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """A payment from the balance that is held for a person; whatever is not named is new."""
    payer = payer or await rich_customer(house)
    payee = payee or await house.office.merchant()
    seen = {"device": device or f"dev_{next(_numbers)}"}
    payment = await house.office.pay(payer, payee, amount, environment=seen)
    assert payment["state"] == "IN_REVIEW", payment
    return payment


async def hold_card(
    house: House, payer: str | None = None, amount: int = 10_000, card: str = "tok_good"
) -> dict[str, Any]:
    """A payment by card that is held for a person."""
    office = house.office
    wish = by_card(payer or await office.customer(), await office.merchant(), amount, card)
    payment = (await office.post("/v1/payments", wish)).json()
    assert payment["state"] == "IN_REVIEW", payment
    return dict(payment)


async def queue(by: Client, **query: Any) -> list[dict[str, Any]]:
    """What the queue shows."""
    answer = await by.get("/v1/cases", **query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


async def the_case(by: Client) -> dict[str, Any]:
    """The only case there is in the queue, whole."""
    [found] = await queue(by)
    return await whole(by, found["id"])


async def whole(by: Client, case: str) -> dict[str, Any]:
    """A case with everything a person must see."""
    answer = await by.get(f"/v1/cases/{case}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def act(by: Client, case: str, how: str, body: Any = None, **more: Any) -> httpx.Response:
    """Do something with a case."""
    return await by.post(f"/v1/cases/{case}/{how}", body, **more)


async def done(by: Client, case: str, how: str, body: Any = None, **more: Any) -> dict[str, Any]:
    """Do something with a case that must be done."""
    answer = await act(by, case, how, body, **more)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def say(
    by: Client, case: str, verdict: str, reason: str | None = None, **more: Any
) -> httpx.Response:
    """Say what becomes of a case, as it is now."""
    seen = await whole(by, case)
    reason = reason or ("PAYER_CONFIRMED" if verdict == "RELEASE" else "PAYER_DENIES")
    key = more.pop("key", None)
    body = {"verdict": verdict, "reason": reason, "revision": seen["revision"], **more}
    return await act(by, case, "verdict", body, key=key)


async def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The details of a refusal."""
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    return dict(answer.json().get("details", {}))


async def state_of(house: House, payment: dict[str, Any]) -> str:
    """How a payment stands."""
    answer = await house.office.get(f"/v1/payments/{payment['id']}")
    return str(answer.json()["state"])


async def three_held(house: House) -> tuple[str, list[dict[str, Any]]]:
    """A claimed case with three payments of one payer: two from the balance, one by card."""
    first = await hold(house)
    second = await hold(house, payer=first["payer"], amount=20_000)
    third = await hold_card(house, payer=first["payer"], amount=30_000)
    case = (await the_case(house.office))["id"]
    await done(house.office, case, "claim")
    house.wire.sent.clear()
    return case, [first, second, third]
