"""A merchant that was settled, for tests of what anybody else may see of it."""

from __future__ import annotations

from datetime import timedelta

from tests.journey.conftest import House

from anfu.compliance.switch import is_allowed
from anfu.entrypoints.api.settlement_terms import EXAMPLE
from anfu.kernel.periods import civil_date
from anfu.settlement.cycles.settle import Run, settle_day


async def settled(house: House, merchant: str) -> dict[str, str]:
    """A settlement of today and its payout, made as of tomorrow."""
    path = f"/v1/merchants/{merchant}/settlement-terms"
    today = civil_date(house.clock.now())
    wish = {**EXAMPLE, "from_day": today.isoformat(), "cycle": {"kind": "NEXT_DAY"}}
    terms = (await house.office.post(path, wish)).json()["id"]
    second = await house.client()
    assert (await second.post(f"{path}/{terms}/approve", {})).status_code == 200
    later = house.clock.now() + timedelta(days=1)
    (made,) = await settle_day(house.tools, Run(today, is_allowed), now=later)
    (payout,) = (await house.office.get("/v1/payouts")).json()["data"]
    return {"terms": terms, "settlement": made.id, "payout": payout["id"], "period": "2026-11"}
