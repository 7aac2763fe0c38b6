"""A firm with its own switch: decisions alone, one and many, in time, tried out, and again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.journey.conftest import House

from anfu.payments.tools import Policy
from anfu.risk.rules import default_rule_set, reason_text

DECISIONS, BATCH = "/v1/decisions", "/v1/decisions/batch"


def wish(number: int = 1, **more: Any) -> dict[str, Any]:
    """A payment of another switch."""
    return {"event": f"order-{number}", "payer": "alice", "payee": "tea-shop", "amount": 1250,
            "currency": "CNY", "method": "card", **more}  # fmt: skip


def refused(answer: Any, status: int, code: str, field: str | None = None) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    if field is not None:
        assert answer.json()["field"] == field


async def facts_of(house: House, decision: str) -> dict[str, Any]:
    return dict((await house.office.get(f"{DECISIONS}/{decision}")).json()["facts"])


async def test_a_decision_says_what_a_switch_needs(house: House) -> None:
    seen = {"device": "phone-1", "address": "203.0.113.7", "latitude": 31.2, "longitude": 121.5}
    more = {"terminal": "till-4", "phone": "tok_p", "payee_kind": "MERCHANT", "mcc": "5814",
            "promotion": "spring", "card": "tok_c", "environment": seen}  # fmt: skip
    answer = await house.office.post(DECISIONS, wish(**more))
    assert answer.status_code == 201
    told = answer.json()
    assert {k: told[k] for k in ("object", "event", "outcome", "grade", "score", "reasons")} == {
        "object": "decision", "event": "order-1", "outcome": "ALLOW", "grade": "LOW", "score": 0,
        "reasons": [],
    }  # fmt: skip
    assert (told["list_hits"], told["model_score"], told["degraded"]) == ([], None, [])
    assert told["dry_run"] is False
    facts = await facts_of(house, told["id"])
    given = {k: facts[k] for k in ("terminal", "phone", "payee_kind", "mcc", "promotion", "card",
                                   "device", "address", "latitude", "kind")}  # fmt: skip
    assert given == {"terminal": "till-4", "phone": "tok_p", "payee_kind": "MERCHANT",
                     "mcc": "5814", "promotion": "spring", "card": "tok_c", "device": "phone-1",
                     "address": "203.0.113.7", "latitude": 31.2, "kind": "PAYMENT"}  # fmt: skip


async def test_a_batch_is_decided_in_turn_and_learned(house: House) -> None:
    items = [wish(n) for n in range(10)]
    answer = await house.office.post(BATCH, {"decisions": items})
    assert answer.status_code == 201
    told = answer.json()["data"]
    assert [d["event"] for d in told] == [f"order-{n}" for n in range(10)]
    assert [d["outcome"] for d in told] == ["ALLOW"] * 7 + ["CHALLENGE"] * 3
    counts = [(await facts_of(house, d["id"]))["payer_count_1h"] for d in told]
    assert counts == list(range(1, 11))
    # The ids sort as they were learned: a rebuild learns them in the same order.
    assert [d["id"] for d in told] == sorted(d["id"] for d in told)


async def test_a_batch_has_one_key_and_one_answer(house: House) -> None:
    items = [wish(n) for n in range(3)]
    first = await house.office.post(BATCH, {"decisions": items}, key="once")
    async with house.untouched():
        again = await house.office.post(BATCH, {"decisions": items}, key="once")
        other = await house.office.post(BATCH, {"decisions": items[:2]}, key="once")
    assert again.content == first.content
    refused(other, 422, "idempotency_key_reused")
    after = await house.office.post(DECISIONS, wish(9))
    assert (await facts_of(house, after.json()["id"]))["payer_count_1h"] == 4


async def test_one_wrong_item_refuses_the_whole_batch_and_is_named(house: House) -> None:
    wrong = {
        "decisions[1].card": ("card_number_refused", {"card": "4111111111111111"}),
        "decisions[1].phone": ("phone_number_refused", {"phone": "+86 138-0013-8000"}),
        "decisions[1].occurred_at": (
            "history_not_accepted", {"occurred_at": "2026-11-01T00:00:00Z"},
        ),
        "decisions[1].event": ("field_invalid", {"event": "pay_01kaw000000000000000000000"}),
        "decisions[1].currency": ("currency_unknown", {"currency": "XXZ"}),
        "decisions[1].environment.address": (
            "field_invalid", {"environment": {"address": "203.0.113.256"}},
        ),
    }  # fmt: skip
    async with house.untouched():
        for field, (code, more) in wrong.items():
            items = [wish(0), wish(1, **more)]
            refused(await house.office.post(BATCH, {"decisions": items}), 422, code, field)
        many = {"decisions": [wish(n) for n in range(129)]}
        refused(await house.office.post(BATCH, many), 422, "field_invalid", "decisions")
        refused(await house.office.post(BATCH, {"decisions": []}), 422, "field_invalid")
    alone = await house.office.post(DECISIONS, wish(2))
    assert (await facts_of(house, alone.json()["id"]))["payer_count_1h"] == 1


async def test_the_largest_batch_fits_through_the_door(house: House) -> None:
    long = {"card": "c" * 64, "phone": "p" * 64, "terminal": "t" * 64, "promotion": "x" * 64,
            "payer": "a" * 64, "payee": "b" * 64, "method": "m" * 100, "mcc": "5814",
            "environment": {"device": "d" * 64, "address": "2001:db8:85a3:8d3:1319:8a2e:370:7",
                            "latitude": -31.123456789012, "longitude": -121.1234567}}  # fmt: skip
    items = [wish(n, **long) for n in range(128)]
    answer = await house.office.post(BATCH, {"decisions": items})
    assert answer.status_code == 201
    assert len(answer.json()["data"]) == 128


async def test_a_dry_run_leaves_no_trace(house: House) -> None:
    async with house.untouched():
        for body in (wish(1, dry_run=True), wish(1, dry_run=True)):
            answer = await house.office.post(DECISIONS, body, key="dry")
            assert answer.status_code == 201
            assert (answer.json()["id"], answer.json()["dry_run"]) == (None, True)
        many = {"decisions": [wish(n) for n in range(20)], "dry_run": True}
        tried = (await house.office.post(BATCH, many)).json()["data"]
        # Each by itself: nothing of the batch was learned by the next one.
        assert {d["outcome"] for d in tried} == {"ALLOW"}
    # The key is free, and nobody was learned.
    real = await house.office.post(DECISIONS, wish(1), key="dry")
    assert real.status_code == 201
    assert (await facts_of(house, real.json()["id"]))["payer_count_1h"] == 1


async def test_reasons_come_in_words_where_they_are_asked_for(house: House) -> None:
    items = {"decisions": [wish(n) for n in range(8)]}
    plain = await house.office.post(BATCH, items, key="words")
    worded = await house.office.post(f"{BATCH}?expand=reasons", items, key="words")
    last = worded.json()["data"][-1]
    assert last["reasons"] == ["VELOCITY_COUNT"]
    words = [{"code": "VELOCITY_COUNT", **reason_text("VELOCITY_COUNT", default_rule_set())}]
    assert last["reason_texts"] == words
    assert "reason_texts" not in plain.json()["data"][-1]
    read = await house.office.get(f"{DECISIONS}/{last['id']}", expand="reasons")
    assert read.json()["reason_texts"] == words
    refused(await house.office.get(f"{DECISIONS}/{last['id']}", expand="x"), 400, "query_invalid")


async def test_a_small_amount_out_of_time_passes_and_a_large_one_is_challenged(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = Stopwatch()
    monkeypatch.setattr("anfu.entrypoints.api.decisions.time", late)
    small = (await house.office.post(DECISIONS, wish(1, deadline_ms=5))).json()
    large = (await house.office.post(DECISIONS, wish(2, amount=80_000, deadline_ms=5))).json()
    assert (small["outcome"], small["degraded"], small["reasons"]) == ("ALLOW", ["model"], [])
    assert (large["outcome"], large["degraded"]) == ("CHALLENGE", ["model"])
    assert large["reasons"] == ["DECIDED_LATE"]
    late.behind_s = 0.0
    easy = (await house.office.post(DECISIONS, wish(3, amount=80_000, deadline_ms=10_000))).json()
    assert (easy["outcome"], easy["degraded"]) == ("ALLOW", [])


class Stopwatch:
    """`time`, as it looks to a request that waited long."""

    behind_s = 10.0

    def perf_counter(self) -> float:
        import time  # noqa: PLC0415 - the real one, under the name that is replaced

        return time.perf_counter() + self.behind_s


async def test_a_merchant_does_not_read_the_decisions_of_others(house: House) -> None:
    told = (await house.office.post(DECISIONS, wish())).json()
    shop = await house.client(merchant=await house.office.merchant())
    refused(await shop.get(f"{DECISIONS}/{told['id']}"), 404, "decision_not_found")


class TestHistory:
    """Where a history is taken in, payments have been when they were."""

    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(development=True, accept_history=True)

    async def test_a_history_keeps_its_time(self, house: House) -> None:
        then = (house.clock.now() - timedelta(days=3)).isoformat()
        told = (await house.office.post(DECISIONS, wish(occurred_at=then))).json()
        assert told["occurred_at"] == "2026-11-20T04:00:00.000Z"
        keyless = await house.client(scopes={"decisions:write"})
        async with house.untouched():
            answer = await keyless.post(DECISIONS, wish(2, occurred_at=then))
            refused(answer, 403, "scope_missing")
