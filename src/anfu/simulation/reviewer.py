"""A reviewer: looks at what the decision was made from, never at the truth.

The policy is a person's rule of thumb: each unusual thing counts, each familiar one speaks for the
payer; from three on, the payment is rejected.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anfu.simulation.client import Client, Reply

REJECT_FROM = 3
_DAY_S = 86_400


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
    return sum(against) - 2 * known_device - known_payee


async def review(client: Client, payment: Mapping[str, Any], *, key: str) -> Reply:
    """Release or reject a payment in review; the API's answer."""
    decision = await client.decision(str(payment["decision"]))
    points = suspicion(decision.body.get("facts", {}))
    if points >= REJECT_FROM:
        return await client.reject(payment["id"], f"{points} things speak against it", key=key)
    return await client.release(payment["id"], "looks like the payer", key=key)
