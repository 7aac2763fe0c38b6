"""What waits for a second person: a rule with its back-test, lists, merchants, staff, limits."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

from anfu.simulation.office.days import Town
from anfu.simulation.office.member import Member
from anfu.simulation.office.staff import Staff

_TESTED_WITHIN_S = 15.0
_PAST = timedelta(days=35)


async def propose(town: Town, staff: Staff) -> None:
    """One of each kind, by whose work it is. Raises OutsideFailure."""
    await _rule(town, staff)
    [analyst], [compliance] = staff.of("analyst"), staff.of("compliance")
    await analyst.post("/v1/rules", _DRAFT)
    await analyst.post("/v1/lists", _MULES)
    multiplier = {"rule": "CN-NP43-24-2", "hundredths": 200, "reason": "2026 年评级 A"}
    await compliance.post("/v1/limits/multipliers", multiplier)
    await compliance.post("/v1/merchant-applications", _APPLICATION)
    await _other_roles(staff)


async def _rule(town: Town, staff: Staff) -> None:
    """A rule is watched; that it shall act waits, with its back-test."""
    [analyst], [approver, _] = staff.of("analyst"), staff.of("approver")
    await analyst.post("/v1/rules", _RULE)
    path = f"/v1/rules/{_RULE['id']}"
    watched = await analyst.post(f"{path}/shadow", {"why": "先观察 to be watched"})
    await approver.post(f"/v1/proposals/{watched['id']}/approve", {"note": "同意 agreed"})
    live = await analyst.post(f"{path}/live", {"why": "见回测 see the back-test"})
    now = town.clock.now()
    wish = {
        "start": (now - _PAST).isoformat(), "end": now.isoformat(), "rules": [_RULE],
        "label_delay_days": 1, "proposal": live["id"],
    }  # fmt: skip
    tested = await analyst.post("/v1/backtests", wish)
    await _done(analyst, tested["id"])


async def _done(analyst: Member, backtest: str) -> None:
    """Until the worker has done it, or for a while: the page shows it either way."""
    deadline = time.monotonic() + _TESTED_WITHIN_S
    while time.monotonic() < deadline:
        found = await analyst.get(f"/v1/backtests/{backtest}")
        if found["state"] not in ("WAITING", "RUNNING"):
            return
        await asyncio.sleep(0.3)


async def _other_roles(staff: Staff) -> None:
    admin = staff.of("admin")[0]
    found = (await admin.get("/v1/staff?limit=100"))["data"]
    [viewer] = [one["id"] for one in found if one["roles"] == ["viewer"]]
    wish = {"change": "ROLES", "roles": ["viewer", "analyst"]}
    await admin.post(f"/v1/staff/{viewer}/changes", wish)


_RULE: dict[str, Any] = {
    "id": "large_first_purchase", "condition": "amount >= 200000 AND payer_count <= 2",
    "grade": "MIDDLE", "points": 60, "reason": "LARGE_FIRST_PURCHASE",
    "en": "A large payment among the payer's first", "zh": "付款人早期的大额支付",
}  # fmt: skip
_DRAFT = {
    "id": "night_and_new_device", "condition": "amount >= 50000 AND payer_device_age_s = 0",
    "grade": "LOW", "points": 20, "reason": "NEW_DEVICE_LARGE",
    "en": "A larger payment from a new device", "zh": "新设备较大额支付",
}  # fmt: skip
_MULES = {
    "name": "mule_devices", "kind": "BLACK", "form": "EXACT", "inputs": ["device"],
    "grade": "HIGH", "points": 80, "reason": "LIST_MULE_DEVICE",
    "en": "The device served mule accounts", "zh": "设备曾用于跑分账户",
    "source": "cases closed as fraud", "owner": "risk", "why": "pattern of November",
}  # fmt: skip
_APPLICATION: dict[str, Any] = {
    "name": "街角茶饮", "legal_name": "福州街角茶饮有限公司", "credit_code": "91350100M000100Y43",
    "representative": {"name": "林平", "phone": "13800138000", "document_until": "2036-11-23",
                       "document": {"type": "CITIZEN_ID", "number": "11010519491231002X"}},
    "address": "福州市鼓楼区一号", "scenes": ["PAYER_CODE", "STATIC_CODE"],
    "settlement": {"holder": "福州街角茶饮有限公司", "number": "35001234567890123456",
                   "bank": "福州银行"},
    "mcc": "5814",
}  # fmt: skip
