"""What people do next follows from the seed and from what the API says, not from its pace."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from anfu.kernel.clock import SystemClock
from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.simulation.client import Client, Credentials, Reply
from anfu.simulation.economy import Economy, Pace
from anfu.simulation.register import enrol
from anfu.simulation.reviewer import Reviewers
from anfu.simulation.tally import Tally
from anfu.simulation.world import Size, make_world

START = datetime(2026, 10, 31, 16, tzinfo=UTC)
WORLD = make_world(5, Size(payers=40, cities=5), start=START)
DAYS = 5


class ScriptedApi(Client):
    """Answers by what is asked, after a while that nobody can foresee."""

    def __init__(self, pace: int) -> None:
        super().__init__("http://127.0.0.1:1", Credentials("key", "sk"), clock=SystemClock())
        self.asked: dict[str, Any] = {}
        self.order: list[str] = []
        self._pace = random.Random(pace)
        self._documents: dict[str, dict[str, Any]] = {}
        self._claimed: set[str] = set()

    async def _patiently(self, method: str, target: str, body: bytes, key: str | None) -> Reply:
        await asyncio.sleep(self._pace.choice((0, 0, 0.001)))
        content = msgspec.json.decode(body) if body else None
        if key is not None:
            assert key not in self.asked, f"{key} is used twice"
            self.asked[key] = (target, content)
            self.order.append(key)
        return Reply(200, self._answer(target, content, key), 0.001, 1)

    def _answer(self, target: str, content: Any, key: str | None) -> Mapping[str, Any]:
        parts = target.split("/")
        if target == "/v1/payments":
            return self._pay(content, str(key))
        if parts[2].startswith("cases"):
            return self._case(parts, content)
        if parts[2] == "payments" and len(parts) == 5:
            ends = {"challenge": "SUCCEEDED", "cancel": "CANCELLED"}
            self._documents[parts[3]]["state"] = ends[parts[4]]
        if parts[2] == "payments":
            return self._documents[parts[3]]
        if parts[2] == "development":
            return {"data": [{"text": "验证码 123456，您正在付款"}]}
        return {"id": f"id-{key}", "available": 700_000, "state": "SUCCEEDED", "amount": 1}

    def _case(self, parts: list[str], content: Any) -> Mapping[str, Any]:
        """Each payment in review has a case of its own, with the payment's id."""
        if len(parts) == 3:
            event = parts[2].partition("event=")[2]
            held = self._documents[event]["state"] == "IN_REVIEW"
            return {"data": [{"id": event}] if held else []}
        if parts[4:] == ["claim"]:
            self._claimed.add(parts[3])
        elif parts[4:] == ["verdict"]:
            ends = {"RELEASE": "SUCCEEDED", "REJECT": "REJECTED"}
            self._documents[parts[3]]["state"] = ends[content["verdict"]]
        facts = {"payer_device_age_s": 0, "payer_payee_age_s": 0}
        item = {"event": parts[3], "decision": "dec", "verdict": None, "facts": facts}
        state = "CLAIMED" if parts[3] in self._claimed else "OPEN"
        return {"id": parts[3], "state": state, "revision": 1, "items": [item]}

    def _pay(self, content: Any, key: str) -> Mapping[str, Any]:
        rolled = random.Random(key).random()
        state = "SUCCEEDED" if rolled < 0.8 else ("CHALLENGED", "IN_REVIEW", "BLOCKED")[
            int(rolled * 1000) % 3
        ]  # fmt: skip
        refusal = None
        if content["amount"] > 100_000 and content["method"]["type"] == "balance":
            state, refusal = "REFUSED", {"code": "limit_exceeded", "raise_by": ["certificate"]}
        self._documents[key] = {
            "id": key, "state": state, "amount": content["amount"], "refusal": refusal,
            "reasons": [], "decision": f"dec-{key}",
        }  # fmt: skip
        return self._documents[key]


async def live(pace: int, at_once: int) -> tuple[ScriptedApi, Tally]:
    api, tally = ScriptedApi(pace), Tally()
    economy = Economy(api, Reviewers(api, api), WORLD, await enrol(api, WORLD), tally)
    economy.foresee(2)
    await economy.run(Pace(seconds=60, days=DAYS, at_once=at_once))
    return api, tally


@pytest.fixture(scope="module")
def lived() -> tuple[ScriptedApi, Tally]:
    return asyncio.run(live(1, 32))


def test_the_same_seed_and_answers_give_the_same_orders_at_any_pace(
    lived: tuple[ScriptedApi, Tally],
) -> None:
    again, _ = asyncio.run(live(2, 3))
    first = {key: asked for key, asked in lived[0].asked.items() if not _later(key)}
    second = {key: asked for key, asked in again.asked.items() if not _later(key)}
    assert first == second
    assert len(first) > 500


def test_each_payer_pays_in_order(lived: tuple[ScriptedApi, Tally]) -> None:
    last: dict[str, str] = {}
    for key in lived[0].order:
        target, content = lived[0].asked[key]
        if target == "/v1/payments":
            assert last.get(content["payer"], "") < content["occurred_at"]
            last[content["payer"]] = content["occurred_at"]


def test_honest_payers_answer_and_fraudsters_cannot(lived: tuple[ScriptedApi, Tally]) -> None:
    asked = [trace for trace in lived[1].traces if trace.first == "CHALLENGED"]
    codes = {k: v[1]["code"] for k, v in lived[0].asked.items() if v[0].endswith("/challenge")}
    assert len(asked) > 20
    for trace in asked:
        given = [code for key, code in codes.items() if key.startswith(f"{trace.plan.key}-code-")]
        if trace.plan.honest:
            assert given[-1:] == (["123456"] if trace.state == "SUCCEEDED" else [])
        else:
            assert "123456" not in given


def test_labels_tell_the_truth_days_later(lived: tuple[ScriptedApi, Tally]) -> None:
    api, tally = lived
    labels = {v[1]["payment"]: v[1]["label"] for k, v in api.asked.items() if v[0] == "/v1/labels"}
    truth = {t.payment: "HONEST" if t.plan.honest else "FRAUD" for t in tally.traces}
    assert labels.items() <= truth.items()
    assert set(labels.values()) == {"FRAUD", "HONEST"}
    assert tally.labels == len(labels)


def test_refused_by_a_limit_a_payer_pays_by_card(lived: tuple[ScriptedApi, Tally]) -> None:
    again = {k: v[1] for k, v in lived[0].asked.items() if k.endswith("-again")}
    assert again
    assert {content["method"]["type"] for content in again.values()} == {"sandbox"}


def test_refunds_never_ask_for_more_than_was_paid(lived: tuple[ScriptedApi, Tally]) -> None:
    api, tally = lived
    paid = {t.payment: t.amount for t in tally.traces}
    given: dict[str, int] = {}
    for target, content in api.asked.values():
        if target == "/v1/refunds":
            given[content["payment"]] = given.get(content["payment"], 0) + content.get("amount", 0)
    assert given
    assert all(amount < paid[payment] for payment, amount in given.items())


async def test_what_nobody_answers_ends_nothing() -> None:
    class DeafApi(ScriptedApi):
        async def _patiently(self, method: str, target: str, body: bytes, key: str | None) -> Reply:
            if target == "/v1/payments" and random.Random(key).random() < 0.5:
                raise OutsideFailure(Outcome.UNKNOWN, "timed out")
            return await super()._patiently(method, target, body, key)

    api, tally = DeafApi(1), Tally()
    economy = Economy(api, Reviewers(api, api), WORLD, await enrol(api, WORLD), tally)
    await economy.run(Pace(seconds=60, days=1))
    assert 0.3 < tally.first["unanswered"] / len(tally.traces) < 0.7


def _later(key: str) -> bool:
    """Whether the order waits for days to go by: how many do is a matter of pace."""
    return key.endswith("-label") or "-refund-" in key
