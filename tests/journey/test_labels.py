"""What payments turned out to be is told late, learned after the commit, and the last word wins."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.journey.conftest import House

from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.payments.tools import Policy
from anfu.risk.event import Event
from anfu.risk.queries import find_labels

LABELS, BATCH = "/v1/labels", "/v1/labels/batch"
Lesson = tuple[str, bool, datetime]


def refused(answer: Any, status: int, code: str, field: str | None = None) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    if field is not None:
        assert answer.json()["field"] == field


@pytest.fixture
def lessons(house: House, monkeypatch: pytest.MonkeyPatch) -> list[Lesson]:
    """What the engine was told, in its order: (event, fraud, at)."""
    seen: list[Lesson] = []

    async def label(event: Event, *, fraud: bool, at: datetime) -> None:
        seen.append((event.id, fraud, at))

    monkeypatch.setattr(house.tools.engine, "label", label)
    return seen


async def paid(house: House, merchant: str | None = None) -> dict[str, Any]:
    payer = await house.office.customer(deposit=10_000)
    return await house.office.pay(payer, merchant or await house.office.merchant(), 500)


async def decided(house: House, number: int = 1) -> str:
    wish = {"event": f"order-{number}", "payer": "alice", "payee": "shop", "amount": 100,
            "currency": "CNY", "method": "card"}  # fmt: skip
    return str((await house.office.post("/v1/decisions", wish)).json()["id"])


async def test_a_payment_and_a_decision_are_labelled_months_later(
    house: House, lessons: list[Lesson]
) -> None:
    payment, decision = await paid(house), await decided(house)
    house.clock.advance(timedelta(days=120))
    wish = {"payment": payment["id"], "label": "FRAUD", "source": "dispute"}
    one = await house.office.post(LABELS, wish)
    at = house.clock.now()
    assert one.status_code == 201
    assert one.json() == {
        "object": "label", "payment": payment["id"], "decision": payment["decision"],
        "label": "FRAUD", "source": "dispute",
        "created_at": at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
    }  # fmt: skip
    two = await house.office.post(LABELS, {"decision": decision, "label": "HONEST"})
    assert (two.json()["payment"], two.json()["decision"]) == ("order-1", decision)
    assert lessons == [(payment["id"], True, at), ("order-1", False, house.clock.now())]


async def test_the_last_word_wins_within_a_batch_and_after(
    house: House, lessons: list[Lesson]
) -> None:
    payment, decision = await paid(house), await decided(house)
    words = [
        {"payment": payment["id"], "label": "FRAUD", "source": "case"},
        {"decision": decision, "label": "FRAUD", "source": "case"},
        {"payment": payment["id"], "label": "HONEST", "source": "payer"},
    ]
    answer = await house.office.post(BATCH, {"labels": words})
    assert [d["label"] for d in answer.json()["data"]] == ["FRAUD", "FRAUD", "HONEST"]
    assert [lesson[:2] for lesson in lessons] == [
        (payment["id"], True), ("order-1", True), (payment["id"], False),
    ]  # fmt: skip
    async with house.database.transaction(readonly=True) as tx:
        found = await find_labels(tx, [payment["id"], "order-1"])
    assert {name: label.truth for name, label in found.items()} == {
        payment["id"]: "HONEST", "order-1": "FRAUD",
    }  # fmt: skip


async def test_a_label_is_learned_once(house: House, lessons: list[Lesson]) -> None:
    wish = {"decision": await decided(house), "label": "FRAUD"}
    first = await house.office.post(LABELS, wish, key="k")
    async with house.untouched():
        again = await house.office.post(LABELS, wish, key="k")
    assert again.content == first.content
    assert len(lessons) == 1


async def test_a_label_that_was_rolled_back_is_not_learned(
    house: House, lessons: list[Lesson], monkeypatch: pytest.MonkeyPatch
) -> None:
    wish = {"decision": await decided(house), "label": "FRAUD"}

    async def fail(*_: object, **__: object) -> None:
        raise OutsideFailure(Outcome.UNKNOWN, "the line was cut")

    with monkeypatch.context() as cut:
        cut.setattr("anfu.storage.idempotency.remember", fail)
        async with house.untouched():
            assert (await house.office.post(LABELS, wish, key="k")).status_code == 503
    assert lessons == []
    assert (await house.office.post(LABELS, wish, key="k")).status_code == 201
    assert len(lessons) == 1


async def test_one_wrong_label_refuses_the_whole_batch(house: House, lessons: list[Lesson]) -> None:
    good = {"decision": await decided(house), "label": "FRAUD"}
    async with house.untouched():
        for wrong, status, code, field in (
            ({"label": "FRAUD"}, 422, "field_invalid", "labels[1].payment"),
            ({**good, "payment": "pay_x"}, 422, "field_invalid", "labels[1].payment"),
            ({"label": "FRAUD", "payment": "pay_x"}, 404, "payment_not_found", "payment"),
            ({"label": "FRAUD", "decision": "dec_x"}, 404, "decision_not_found", "decision"),
            ({**good, "at": "2026-11-23T09:00:00Z"}, 422, "history_not_accepted", "labels[1].at"),
        ):
            answer = await house.office.post(BATCH, {"labels": [good, wrong]})
            refused(answer, status, code, field)
    assert lessons == []


async def test_a_merchant_labels_its_own_payments_only(house: House, lessons: list[Lesson]) -> None:
    mine, other = await house.office.merchant(), await house.office.merchant()
    shop = await house.client(merchant=mine)
    own, theirs, foreign = await paid(house, mine), await paid(house, other), await decided(house)
    async with house.untouched():
        for wish, code in (
            ({"payment": theirs["id"]}, "payment_not_found"),
            ({"decision": theirs["decision"]}, "decision_not_found"),
            ({"decision": foreign}, "decision_not_found"),
        ):
            refused(await shop.post(LABELS, {**wish, "label": "FRAUD"}), 404, code)
    for wish in ({"payment": own["id"]}, {"decision": own["decision"]}):
        assert (await shop.post(LABELS, {**wish, "label": "FRAUD"})).status_code == 201
    assert [lesson[0] for lesson in lessons] == [own["id"]] * 2


class TestHistory:
    """Where a history is taken in, a label was told when it was told."""

    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(development=True, accept_history=True)

    async def test_a_label_has_the_time_of_the_history_and_not_before_its_event(
        self, house: House, lessons: list[Lesson]
    ) -> None:
        wish = {"event": "o", "payer": "a", "payee": "b", "amount": 1, "currency": "CNY",
                "method": "card", "occurred_at": "2026-11-01T00:00:00Z"}  # fmt: skip
        decision = (await house.office.post("/v1/decisions", wish)).json()["id"]
        said = {"decision": decision, "label": "FRAUD"}
        async with house.untouched():
            early = await house.office.post(LABELS, {**said, "at": "2026-10-31T23:59:59Z"})
            refused(early, 422, "label_too_early", "at")
        answer = await house.office.post(LABELS, {**said, "at": "2026-11-08T00:00:00Z"})
        assert answer.json()["created_at"] == "2026-11-08T00:00:00.000Z"
        assert [lesson[2].day for lesson in lessons] == [8]
