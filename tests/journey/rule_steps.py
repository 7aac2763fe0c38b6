"""The steps of a rule over HTTP: written, proposed, back-tested, approved."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.journey.conftest import Client, House

from anfu.kernel.canonical import canonical_bytes
from anfu.lab.backtests.backtest import Laboratory, backtest
from anfu.lab.engines.single import SingleMachine
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.proposals.operations import attach
from anfu.risk.proposals.proposal import Paper
from anfu.risk.ruling.follow import follow

RULE: dict[str, Any] = {
    "id": "first_of_hundred", "condition": "amount = 10000 AND payer_count = 1", "grade": "MIDDLE",
    "points": 70, "reason": "FIRST_OF_HUNDRED", "en": "A first payment of a hundred",
    "zh": "首笔支付一百元",
}  # fmt: skip
WHY = {"why": "seen in cases"}


async def written(house: House, **other: Any) -> dict[str, Any]:
    answer = await house.office.post("/v1/rules", {**RULE, **other})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def proposed(client: Client, rule: str, to: str, **more: Any) -> dict[str, Any]:
    answer = await client.post(f"/v1/rules/{rule}/{to}", {**WHY, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def backtested(house: House, proposal: dict[str, Any]) -> None:
    """What a back-test attaches."""
    paper = Paper("BACKTEST", house.clock.now(), canonical_bytes({"v": 1, "rows": 0}))
    async with house.database.transaction() as tx:
        await attach(tx, proposal=proposal["id"], paper=paper)


async def through_backtest(house: House, proposal: dict[str, Any], folder: Path) -> None:
    """A back-test of the rule, asked for over HTTP and done by the worker."""
    now = house.clock.now()
    wish = {"start": (now - timedelta(days=30)).isoformat(), "end": now.isoformat(),
            "rules": [RULE], "label_delay_days": 1, "proposal": proposal["id"]}  # fmt: skip
    answer = await house.office.post("/v1/backtests", wish)
    assert answer.status_code == 202, answer.text
    lab = Laboratory(house.database, folder / "history", CATALOGUE, SingleMachine)
    assert await backtest(lab, house.clock) == 1


def check_backtest(said: dict[str, Any]) -> None:
    """The paper on four first payments, one of them a fraud: all are caught, three are honest."""
    assert [rule["rule"] for rule in said["rules"]] == [RULE["id"]]
    assert said["acted"]["all"] == {"count": 4, "value": 40_000}
    assert said["judged"]["caught"] == {"count": 1, "value": 10_000}
    assert said["judged"]["alarms"] == {"count": 3, "value": 30_000}
    shared = {row["rule"]: row["both"]["count"] for row in said["overlap"] if row["both"]["count"]}
    assert shared == {RULE["id"]: 4}  # itself, watched; no other rule holds for them


async def approved(house: House, second: Client, proposal: dict[str, Any]) -> dict[str, Any]:
    answer = await second.post(f"/v1/proposals/{proposal['id']}/approve", {"note": "read"})
    assert answer.status_code == 200, answer.text
    assert await follow(house.database, house.tools.engine) == 1
    assert await follow(house.database, house.tools.engine) == 0
    return dict(answer.json())


async def moved(
    house: House, second: Client, to: str, rule: str = RULE["id"], **more: Any
) -> dict[str, Any]:
    """A rule goes on, approved by the second key."""
    proposal = await proposed(house.office, rule, to, **more)
    if to == "live":
        await backtested(house, proposal)
    await approved(house, second, proposal)
    return proposal


async def leaves(house: House, subject: str) -> list[dict[str, Any]]:
    async with house.database.transaction(readonly=True) as tx:
        rows = await tx.fetch(
            "SELECT body FROM evidence.leaf WHERE subject = $1 ORDER BY index", subject
        )
    return [json.loads(row["body"])["body"] for row in rows]
