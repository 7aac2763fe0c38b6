"""A model's life over HTTP: brought, shadowed, promoted by a second person, replaced."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from tests.journey.conftest import Client, House
from tests.onnx_models import logistic

from anfu.entrypoints.worker.rounds import follow_models

CUTOFFS = {"middle": 0.5, "general": 0.9, "high": 0.99}


def form(weights: list[float], *columns: str, **more: Any) -> dict[str, Any]:
    return {
        "declaration": {
            "name": "fraud",
            "role": "FRAUD",
            "output": "score",
            "columns": [{"fact": column} for column in columns],
            "cutoffs": CUTOFFS,
            **more,
        },
        "onnx": base64.b64encode(logistic(weights)).decode(),
    }


async def brought(client: Client, weights: list[float], *columns: str) -> str:
    answer = await client.post("/v1/models", form(weights, *columns))
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "CANDIDATE"
    return str(answer.json()["id"])


async def moved(house: House, author: Client, second: Client, model: str, to: str) -> str:
    """The id of the proposal that moved it."""
    answer = await author.post(f"/v1/models/{model}/moves", {"to": to, "label_delay_days": 2})
    assert answer.status_code == 201, answer.text
    proposal = str(answer.json()["id"])
    approved = await second.post(f"/v1/proposals/{proposal}/approve", {"note": "read"})
    assert approved.status_code == 200, approved.text
    assert await follow_models(house.tools) == 1
    assert await follow_models(house.tools) == 0
    return proposal


async def facts_of(house: House, payment: dict[str, Any]) -> dict[str, Any]:
    answer = await house.office.get(f"/v1/decisions/{payment['decision']}")
    return dict(answer.json()["facts"])


async def states(house: House) -> dict[str, str]:
    listed = (await house.office.get("/v1/models")).json()["data"]
    return {model["id"]: model["state"] for model in listed}


async def test_a_model_is_brought_promoted_and_replaced_by_two_people(house: House) -> None:
    second = await house.client()
    shop, payer = await house.office.merchant(), await house.office.customer(deposit=100_000)
    first = await brought(house.office, [0.0001], "amount")
    async with house.untouched():
        author = await house.office.post(f"/v1/models/{first}/moves/none", {})
        assert author.status_code == 404
    await moved(house, house.office, second, first, "CHAMPION")
    scored = await facts_of(house, await house.office.pay(payer, shop, 1_000))
    assert (scored["model_score"], scored["model_grade"]) == (0.524979, 1)

    challenger = await brought(house.office, [-0.0001], "amount")
    async with house.untouched():
        refused = await house.office.post(f"/v1/models/{challenger}/moves", {"to": "CHAMPION"})
        assert refused.json()["code"] == "model_unproven"
    await moved(house, house.office, second, challenger, "CHALLENGER")
    truths = [(5_000, "FRAUD"), (300, None), (4_000, "FRAUD"), (200, "HONEST"), (100, None)]
    for amount, truth in truths:
        payment = await house.office.pay(payer, shop, amount)
        if truth is not None:
            label = {"payment": payment["id"], "label": truth}
            assert (await house.office.post("/v1/labels", label)).status_code == 201
    young = (await house.office.get(f"/v1/models/{challenger}/comparison")).json()["result"]
    assert (young["rows"], young["comparison"]) == (0, None)  # nothing has matured
    house.clock.advance(timedelta(days=8))
    weighed = (await house.office.get(f"/v1/models/{challenger}/comparison")).json()["result"]
    assert (weighed["rows"], weighed["frauds"], weighed["champion"]) == (5, 2, first)
    found = weighed["comparison"]
    assert (found["auc_champion"], found["auc_challenger"], found["better"]) == (1.0, 0.0, False)

    proposal = await moved(house, house.office, second, challenger, "CHAMPION")
    papers = (await house.office.get(f"/v1/proposals/{proposal}")).json()["papers"]
    assert [paper["kind"] for paper in papers] == ["COMPARISON"]
    assert papers[0]["body"]["comparison"]["auc_difference"]["value"] == -1.0
    assert await states(house) == {first: "CHALLENGER", challenger: "CHAMPION"}
    scored = await facts_of(house, await house.office.pay(payer, shop, 1_000))
    assert scored["model_score"] == 0.475021
    kept = (await house.office.get(f"/v1/models/{first}")).json()
    assert [move["state"] for move in kept["moves"]] == ["CANDIDATE", "CHAMPION", "CHALLENGER"]
    await moved(house, house.office, second, first, "RETIRED")
    assert await states(house) == {first: "RETIRED", challenger: "CHAMPION"}


async def test_a_decision_is_explained_in_words_when_somebody_asks(house: House) -> None:
    second = await house.client()
    body = form([0.001], "amount")
    body["declaration"]["columns"][0]["typical"] = 1_000
    model = (await house.office.post("/v1/models", body)).json()["id"]
    await moved(house, house.office, second, model, "CHAMPION")
    shop, payer = await house.office.merchant(), await house.office.customer(deposit=100_000)
    payment = await house.office.pay(payer, shop, 5_000)
    path = f"/v1/decisions/{payment['decision']}/reasons"
    told = await house.office.get(path)
    reason = {"code": "MODEL:amount", "en": "amount", "zh": "金额", "value": 5_000.0,
              "typical": 1_000.0, "adds": 4.0}  # fmt: skip
    [said] = told.json()["models"]
    assert said["model"] == model
    assert said["reasons"][0]["adds"] == pytest.approx(4.0, abs=0.001)
    assert said["reasons"] == [reason | {"adds": said["reasons"][0]["adds"]}]
    merchant = await house.client(merchant=shop)
    async with house.untouched():  # the first asking kept it
        assert (await house.office.get(path)).content == told.content
        assert (await house.office.get(f"/v1/models/{model}/drifts")).json()["data"] == []
        assert (await house.office.get("/v1/models/mdl_0/drifts")).status_code == 404
        assert (await merchant.get(path)).json()["code"] == "institution_only"


async def test_the_author_cannot_approve_and_nothing_moves(house: House) -> None:
    model = await brought(house.office, [0.0001], "amount")
    answer = await house.office.post(f"/v1/models/{model}/moves", {"to": "CHAMPION"})
    proposal = answer.json()["id"]
    async with house.untouched():
        refused = await house.office.post(f"/v1/proposals/{proposal}/approve", {})
        assert (refused.status_code, refused.json()["code"]) == (403, "second_person_needed")
    assert await follow_models(house.tools) == 1  # the candidate was noted
    assert house.tools.engine.models.in_force == (None, None)


async def test_a_move_that_no_longer_fits_is_refused_when_it_is_approved(house: House) -> None:
    second = await house.client()
    model, other = [await brought(house.office, [w], "amount") for w in (0.0001, 0.0002)]
    wishes = [
        (await house.office.post(f"/v1/models/{m}/moves", {"to": "CHAMPION"})).json()["id"]
        for m in (model, other)
    ]
    assert (await second.post(f"/v1/proposals/{wishes[0]}/approve", {})).status_code == 200
    async with house.untouched():
        refused = await second.post(f"/v1/proposals/{wishes[1]}/approve", {})
        assert refused.json()["code"] == "model_unproven"
    assert await states(house) == {model: "CHAMPION", other: "CANDIDATE"}


async def test_a_bad_model_is_refused_and_nothing_is_kept(house: House) -> None:
    bad = [
        (form([1.0], "amounts"), "model_input_unknown"),
        (form([1.0], "at"), "model_input_refused"),
        (form([1.0], "amount", "hour"), "model_shape_invalid"),
        (form([1.0], "amount") | {"onnx": base64.b64encode(b"junk").decode()}, "model_unreadable"),
        (form([1.0], "amount", cutoffs=None), "model_cutoffs_invalid"),
        (form([1.0], "amount", role="KING"), "declaration_unreadable"),
        (form([1.0], "amount", surprise=1), "declaration_unreadable"),
        (form([1.0], "amount", cutoffs={**CUTOFFS, "hgih": 0.5}), "declaration_unreadable"),
    ]
    for body, code in bad:
        async with house.untouched():
            answer = await house.office.post("/v1/models", body)
            assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_number_that_evidence_cannot_spell_is_refused(house: House) -> None:
    async with house.untouched():
        body = form([1.0], "amount") | {"figures": {"rows": [1 << 53]}}
        answer = await house.office.post("/v1/models", body)
        assert (answer.status_code, answer.json()["code"]) == (400, "body_invalid")


async def test_the_same_model_is_kept_once_and_a_merchant_sees_none(house: House) -> None:
    body = form([0.5], "hour")
    first = await house.office.post("/v1/models", body, key="same")
    again = await house.office.post("/v1/models", body, key="same")
    assert (again.status_code, again.content) == (201, first.content)
    merchant = await house.client(merchant=await house.office.merchant())
    async with house.untouched():
        twice = await house.office.post("/v1/models", body)
        assert (twice.status_code, twice.json()["code"]) == (409, "model_known")
        for path in ("/v1/models", f"/v1/models/{first.json()['id']}"):
            assert (await merchant.get(path)).json()["code"] == "institution_only"
        assert (await merchant.post("/v1/models", body)).json()["code"] == "institution_only"


async def test_there_are_no_more_challengers_than_payments_can_bear(house: House) -> None:
    second = await house.client()
    made = [await brought(house.office, [w], "amount") for w in (0.1, 0.2, 0.3, 0.4)]
    for model in made[:3]:
        await moved(house, house.office, second, model, "CHALLENGER")
    async with house.untouched():
        refused = await house.office.post(f"/v1/models/{made[3]}/moves", {"to": "CHALLENGER"})
        assert (refused.status_code, refused.json()["code"]) == (409, "challengers_too_many")
