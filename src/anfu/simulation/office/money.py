"""What finance and compliance do: a refund in part, a difference treated; a field seen in
clear, a stop order."""

from __future__ import annotations

from anfu.simulation.office.days import Town
from anfu.simulation.office.staff import Staff

_POSTED = "/v1/reconciliation-items?state=POSTED"


async def work(town: Town, staff: Staff) -> None:
    """Raises OutsideFailure for a no."""
    await _refund(staff)
    await _treat(staff)
    await _look(town, staff)


async def _refund(staff: Staff) -> None:
    finance = staff.of("finance")[0]
    found = (await finance.get("/v1/payments?state=SUCCEEDED&limit=50"))["data"]
    payment = next(p for p in found if p["channel"] is None and p["payee"].startswith("mer_"))
    part = {"payment": payment["id"], "amount": payment["amount"] // 3, "reason": "少发一件"}
    await finance.post("/v1/refunds", part)


async def _treat(staff: Staff) -> None:
    """A difference is to be cleared; another person has to agree."""
    finance = staff.of("finance")[0]
    items = (await finance.get(_POSTED))["data"]
    if items:
        wish = {
            "act": "CLEAR",
            "target": "channel",
            "reason": "渠道已更正 put right by the channel",
        }
        await finance.post(f"/v1/reconciliation-items/{items[0]['id']}/treatments", wish)


async def _look(town: Town, staff: Staff) -> None:
    reviewer, [compliance] = staff.of("reviewer")[0], staff.of("compliance")
    path = f"/v1/customers/{town.customers[-1]}"
    await reviewer.get(path)
    await reviewer.post(
        f"{path}/reveal", {"field": "phone", "reason": "案件回访 to call the payer"}
    )
    order = {"authority": "福州市公安局", "reference": "榕公（刑）止字〔2026〕7号"}
    await compliance.post(f"/v1/customers/{town.customers[-2]}/stop_orders", order)
