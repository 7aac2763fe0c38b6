"""Merchants' own servers: one takes what it is told, one is never there, one asks to be paid."""

from __future__ import annotations

from anfu.simulation.office.days import Town

# Nobody serves there: the port of RFC 863, which systems keep closed.
_NOBODY = "http://127.0.0.1:9/anfu"
_ENDPOINTS = "/v1/webhook_endpoints"
_THERE, _SALES = 4, 3


async def open_endpoints(town: Town, url: str) -> None:
    """Endpoints at `url` for some merchants, and one that does not answer; a few sales for it to
    miss. Raises OutsideFailure."""
    for merchant in town.merchants[:_THERE]:
        await town.post(_ENDPOINTS, {"url": url, "merchant": merchant})
    absent = town.merchants[-1]
    await town.post(_ENDPOINTS, {"url": _NOBODY, "merchant": absent})
    await town.sell(_SALES, merchants=[absent])


async def ask_for(town: Town, payer: str) -> str:
    """The address of a checkout, good for a day, whose card will be declined and whose balance will
    do. Raises OutsideFailure."""
    made = await town.post("/v1/checkouts", {
        "payee": town.merchants[0], "payer": payer, "amount": 46_00, "currency": "CNY",
        "order": "T-1041", "minutes": 1_440,
        "lines": [
            {"name": "冻顶乌龙 Oolong", "quantity": 2, "amount": 36_00},
            {"name": "绿豆糕 Cake", "amount": 10_00},
        ],
        "methods": [
            {"type": "sandbox", "card": "tok_insufficient_funds", "label": "Bank ··0027"},
            {"type": "balance"},
        ],
    })  # fmt: skip
    return str(made["url"])
