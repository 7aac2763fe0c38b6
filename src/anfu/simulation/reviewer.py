"""A reviewer: looks at what the decision was made from, never at the truth.

The policy is a person's rule of thumb: each unusual thing counts, each familiar one speaks for the
payer; from three on, the payment is rejected. The marks of a scheme are enough by themselves:
there the payer's own phone says nothing.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Mapping
from typing import Any

from anfu.simulation.client import Client, Reply
from anfu.simulation.register import done

REJECT_FROM = 3
_NEARLY_SURE = 3
_DAY_S = 86_400
_TURNS, _PAUSE_S = 24, 0.01


def suspicion(facts: Mapping[str, Any]) -> int:
    """How much speaks against the payment; may be negative."""
    new_device = facts.get("payer_device_age_s") == 0
    known_device = (facts.get("payer_device_age_s") or 0) > _DAY_S
    known_payee = (facts.get("payer_payee_age_s") or 0) > _DAY_S
    against = [
        2 * new_device,
        facts.get("payer_payee_age_s") == 0,
        (facts.get("distance_km") or 0) >= 300,
        (facts.get("speed_kmh") or 0) > 1_000,
        (facts.get("amount_to_mean") or 0) >= 5,
        (facts.get("card_payers_24h") or 0) >= 3,
        (facts.get("payer_small_count_1h") or 0) >= 8,
    ]
    points = sum(against) - 2 * known_device - known_payee
    return max(points, REJECT_FROM) if any(_marks(facts)) else points


def _marks(facts: Mapping[str, Any]) -> Iterator[bool]:
    """Of money that passes through, cash for credit, many names, goods that come back, cards tried
    out, an account with new secrets on a new device; and a model that is nearly sure."""

    def value(name: str, otherwise: float = 0) -> float:
        found = facts.get(name)
        return otherwise if found is None else float(found)

    never = math.inf
    came, went = value("payer_in_sum_24h"), value("payer_sum_24h")
    yield value("payer_since_in_s", never) < 3_600 and came >= 100_000 and went >= 0.8 * came
    strangers = value("payee_payers_24h") >= 2 and value("payer_payee_age_s", never) == 0
    yield (
        strangers
        and value("payee_since_out_s", never) < 10_800
        and (value("payee_out_sum_24h") >= 100_000)
    )
    yield value("payee_round_count_24h") >= 2 and value("payee_mean_7d") >= 150_000
    yield value("payee_age_s", never) < 7 * _DAY_S and value("payee_mean_7d") >= 150_000
    yield value("device_promotion_payers_7d") >= 4
    given_back = value("payer_refund_sum_30d")
    yield value("payer_refunds_30d") >= 3 and given_back >= 0.4 * value("payer_sum_30d")
    yield value("device_cards_1h") >= 3
    yield value("payee_fraud_count_30d") >= 2 and value("payee_mean_7d") >= 150_000
    fresh = value("payer_device_age_s", never) < _DAY_S
    yield fresh and value("payer_since_password_change_s", never) < _DAY_S
    yield value("model_grade") >= _NEARLY_SURE


class Reviewers:
    """Two people with a key each: the first works on cases, the second confirms what takes two."""

    def __init__(self, first: Client, second: Client) -> None:
        self._first, self._second = first, second

    def close(self) -> None:
        """Let go of the connections."""
        self._first.close()
        self._second.close()

    async def agree(self, two_people: int, currency: str) -> None:
        """Bring a policy into force, proposed by one and approved by the other: from `two_people`
        minor units of `currency` on, a verdict takes both. Raises OutsideFailure."""
        policy = dict(done(await self._first.get("/v1/case-policy")).body["policy"])
        del policy["v"]
        policy["two_people"] = {currency: two_people}
        path = "/v1/case-policy"
        proposal = done(await self._first.post(path, policy, key="case-policy")).body["id"]
        path = f"/v1/proposals/{proposal}/approve"
        done(await self._second.post(path, {"note": "agreed"}, key="case-policy-agreed"))

    async def review(self, payment: str, *, key: str) -> Reply:
        """Claim the case of a held payment and conclude what is said of this payment; how the
        payment stands then. Gives up when the case keeps changing under the hands."""
        for n in range(_TURNS):
            if await self._turn(payment, f"{key}-{n}"):
                break
            await asyncio.sleep(_PAUSE_S * (n + 1))
        return await self._first.payment(payment)

    async def _turn(self, payment: str, key: str) -> bool:
        """One look at the case; whether there is nothing left to do."""
        found = (await self._first.case_of(payment)).body.get("data", ())
        if not found:
            return True
        case = (await self._first.case(found[0]["id"])).body
        [item] = [item for item in case["items"] if item["event"] == payment]
        if item["verdict"] is not None:
            return True
        if case["state"] == "OPEN":
            await self._first.work(case["id"], "claim", key=f"{key}-claim")
        elif case["state"] == "CONFIRMING":
            await self._second.work(case["id"], "confirm", key=f"{key}-confirm")
        else:
            await self._first.work(case["id"], "verdict", _verdict(case, item), key=f"{key}-say")
        return False


def _verdict(case: Mapping[str, Any], item: Mapping[str, Any]) -> Mapping[str, Any]:
    rejected = suspicion(item["facts"]) >= REJECT_FROM
    return {
        "verdict": "REJECT" if rejected else "RELEASE",
        "reason": "PAYER_DENIES" if rejected else "PAYER_CONFIRMED",
        "revision": case["revision"],
        "decisions": [item["decision"]],
    }
