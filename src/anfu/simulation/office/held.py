"""Payments held for a person, and the cases they open: free, taken, waiting for a second one."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.simulation.client import BALANCE, Pay, Place
from anfu.simulation.office.days import Town
from anfu.simulation.office.staff import Staff
from anfu.simulation.register import CURRENCY, done

_LIST = "watched_payers"
_WATCHED = 7
_HELD_WITHIN_S = 10.0
_LARGE, _SMALL = 260_000, 88_000


async def hold(town: Town, staff: Staff) -> None:
    """A list by two people; whoever stands on it is held. Some cases are taken, and one waits for
    who confirms. Raises OutsideFailure."""
    watched = town.customers[-_WATCHED:]
    await _watch(staff, watched)
    for number, payer in enumerate(watched):
        await _pay(town, payer, _LARGE if number == 0 else _SMALL + 900 * number)
    first, second = staff.of("reviewer")
    queue = sorted((await first.get("/v1/cases?limit=50"))["data"], key=lambda c: -c["at_stake"])
    await first.post(f"/v1/cases/{queue[0]['id']}/claim")
    case = await first.get(f"/v1/cases/{queue[0]['id']}")
    await first.post(f"/v1/cases/{case['id']}/verdict", _release(case))
    for member, taken in zip((first, second), queue[1:3], strict=False):
        await member.post(f"/v1/cases/{taken['id']}/claim")
        note = {"text": "已致电付款人，等待回电 called the payer, who calls back"}
        await member.post(f"/v1/cases/{taken['id']}/notes", note)


async def _watch(staff: Staff, payers: object) -> None:
    [analyst], [approver, _] = staff.of("analyst"), staff.of("approver")
    proposed = await analyst.post("/v1/lists", _DECLARED)
    await approver.post(f"/v1/proposals/{proposed['proposal']}/approve", {"note": "同意 agreed"})
    entries = [{"value": payer} for payer in list(payers)]  # type: ignore[call-overload]
    wish = {"entries": entries, "why": "十一月跑分模式 pattern of November", "source": "cases"}
    await analyst.post(f"/v1/lists/{_LIST}/entries", wish)


async def _pay(town: Town, payer: str, amount: int) -> None:
    """A payment that is held: tried with little money until the list is followed."""
    await town.post("/v1/deposits", {"party": payer, "amount": 2 * amount, "currency": CURRENCY})
    deadline = time.monotonic() + _HELD_WITHIN_S
    while (await _try(town, payer, amount))["state"] != "IN_REVIEW":
        if time.monotonic() > deadline:
            raise OutsideFailure(Outcome.NOT_DONE, f"{payer} on {_LIST} is not held")
        await asyncio.sleep(0.3)


async def _try(town: Town, payer: str, amount: int) -> dict[str, Any]:
    key = f"held-{town.dice.getrandbits(64):016x}"
    order = Pay(
        payer=payer, payee=town.dice.choice(town.merchants), amount=amount, currency=CURRENCY,
        method=BALANCE, environment=Place(device=f"tablet-{payer[-6:]}"), order=key,
        factors=("password", "device_key"), description="数码产品",
    )  # fmt: skip
    return dict(done(await town.client.pay(order, key=key)).body)


def _release(case: dict[str, Any]) -> dict[str, Any]:
    return {
        "verdict": "RELEASE", "reason": "PAYER_CONFIRMED", "revision": case["revision"],
        "decisions": [item["decision"] for item in case["items"]],
    }  # fmt: skip


_DECLARED = {
    "name": _LIST, "kind": "GREY", "form": "EXACT", "inputs": ["payer"], "grade": "HIGH",
    "points": 80, "reason": "LIST_WATCHED_PAYER", "en": "The payer is watched",
    "zh": "付款人列入关注名单", "source": "cases", "owner": "risk",
    "why": "十一月跑分模式 pattern of November",
}  # fmt: skip
