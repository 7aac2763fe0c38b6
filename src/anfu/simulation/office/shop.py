"""Merchants' own servers: one takes what it is told, one is never there."""

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
