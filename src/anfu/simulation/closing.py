"""Closing time: nothing stays open, and every payment is read back."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any

from anfu.simulation.client import Client
from anfu.simulation.register import done
from anfu.simulation.reviewer import Reviewers
from anfu.simulation.tally import CHALLENGED, IN_REVIEW, SENDING, UNKNOWN, Tally

_PAGE = 100
_PENDING = (SENDING, UNKNOWN)


async def quiet(client: Client, reviewers: Reviewers, *, patience_s: float = 90.0) -> int:
    """End what still waits for a person, wait for what waits for a channel; how many payments and
    refunds are open all the same when patience ends."""
    deadline = time.monotonic() + patience_s
    while True:
        for payment in await _in_state(client, CHALLENGED):
            await client.cancel(payment["id"], key=f"{payment['id']}-closing")
        for payment in await _in_state(client, IN_REVIEW):
            await reviewers.review(payment["id"], key=f"{payment['id']}-closing")
        still = [p["id"] for state in _PENDING for p in await _in_state(client, state)]
        still += [r["id"] async for r in every(client, "refunds") if r["state"] in _PENDING]
        if not still or time.monotonic() > deadline:
            return len(still)
        await asyncio.sleep(0.25)


async def read_back(client: Client, tally: Tally) -> int:
    """Bring the tally up to date with what the API says now; how many payments there are more than
    idempotency keys."""
    traces = {trace.plan.key: trace for trace in tally.traces}
    made: Counter[str] = Counter()
    async for payment in every(client, "payments"):
        made[payment["order"]] += 1
        if payment["order"] in traces:
            traces[payment["order"]].read(payment)
    refunds = [refund async for refund in every(client, "refunds")]
    tally.refunds = Counter(refund["state"] for refund in refunds)
    tally.refunded = sum(r["amount"] for r in refunds if r["state"] == "SUCCEEDED")
    return made.total() - len(made)


async def _in_state(client: Client, state: str) -> list[Mapping[str, Any]]:
    data: list[Mapping[str, Any]] = done(await client.payments(state=state)).body["data"]
    return data


async def every(client: Client, kind: str) -> AsyncIterator[Mapping[str, Any]]:
    """All payments or refunds, newest first."""
    after = ""
    while True:
        found = done(await client.get(f"/v1/{kind}?limit={_PAGE}{after}")).body
        for document in found["data"]:
            yield document
        if not found["more"]:
            return
        after = f"&after={found['data'][-1]['id']}"
