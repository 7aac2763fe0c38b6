"""What is agreed with merchants about being paid, before the first day is over."""

from __future__ import annotations

from typing import Any

from anfu.kernel.periods import civil_date
from anfu.simulation.office.days import Town

# By the made-up bank: an account that ends in 01 is closed, one that ends in 02 is paid late.
_ENDINGS = ("88", "66", "01", "18", "02", "36")


async def agree_terms(town: Town) -> None:
    """Terms with some merchants, the day's sales paid on the next day. Raises OutsideFailure."""
    for number, merchant in enumerate(town.merchants[: len(_ENDINGS)]):
        path = f"/v1/merchants/{merchant}/settlement-terms"
        made = await town.post(path, terms(town, number))
        await town.agree(f"{path}/{made['id']}")


async def propose_terms(town: Town) -> None:
    """Terms that wait for a second person."""
    path = f"/v1/merchants/{town.merchants[0]}/settlement-terms"
    wish = {**terms(town, 0), "reason": "活动期费率 lower fee for the campaign"}
    await town.post(path, {**wish, "fee": {"tiers": [{"volume": 0, "rate_bp": 30}]}})


def terms(town: Town, number: int) -> dict[str, Any]:
    """As a contract says: sixty basis points, a twentieth kept back of every second merchant."""
    kept_bp = 500 if number % 2 else 0
    return {
        "from_day": civil_date(town.clock.now()).isoformat(),
        "cycle": {"kind": "NEXT_DAY"},
        "fee": {"tiers": [{"volume": 0, "rate_bp": 60}]},
        "retention": {"rate_bp": kept_bp, "days": 30 if kept_bp else 0},
        "account": {
            "holder": f"演示商贸{number + 1}号有限公司",
            "number": f"350012345678901234{_ENDINGS[number]}",
            "bank": "演示银行",
            "bank_code": "313391080007",
        },
        "reason": f"合同 contract {number + 1}",
    }
