"""The catalogue over HTTP: what whoever writes a rule may read, and for what."""

from __future__ import annotations

from tests.journey.conftest import House

from anfu.risk.catalogue import CATALOGUE


async def test_the_catalogue_is_told_whole(house: House) -> None:
    told = (await house.office.get("/v1/features")).json()
    assert (told["object"], told["catalogue"], told["more"]) == ("list", CATALOGUE.version, False)
    assert [fact["name"] for fact in told["data"]] == [fact.name for fact in CATALOGUE.facts]
    known = {fact["name"]: fact for fact in told["data"]}
    assert known["amount"] == {
        "name": "amount", "object": "fact", "kind": "INPUT", "type": "INTEGER", "nullable": False,
        "unit": "minor", "en": "amount", "zh": "金额",
        "purposes": ["GENERAL", "ANTI_FRAUD", "CREDIT", "MARKETING"],
        "entity": None, "aggregate": None, "window_s": None, "delay_s": None,
    }  # fmt: skip
    assert known["device_count_1h"] == {
        "name": "device_count_1h", "object": "fact", "kind": "FEATURE", "type": "INTEGER",
        "nullable": True, "unit": "payments", "en": "payments of the device in 1 hour",
        "zh": "设备 1 小时内的支付笔数", "purposes": ["ANTI_FRAUD"], "entity": "device",
        "aggregate": "COUNT", "window_s": 3_600, "delay_s": 0,
    }  # fmt: skip
    assert (known["model_score"]["kind"], known["model_score"]["type"]) == ("FINDING", "DOUBLE")


async def test_whoever_may_not_read_rules_is_told_nothing(house: House) -> None:
    other = await house.client(scopes=["payments:read"])
    async with house.untouched():
        answer = await other.get("/v1/features")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
