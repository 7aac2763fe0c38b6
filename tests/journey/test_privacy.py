"""Consent, masked reading and reveals over HTTP."""

from __future__ import annotations

import json
from typing import Any

import asyncpg
import pytest
from tests.journey.conftest import House

NAME, PHONE, NUMBER = "张小明", "13800138000", "11010519491231002X"
FORM = {"name": NAME, "phone": PHONE, "document": {"type": "CITIZEN_ID", "number": NUMBER}}
HASH = "9f" * 32
GIVEN = {"purpose": "BIOMETRICS", "act": "GIVEN", "separate": True, "text_version": "2026-11",
         "text_sha256": HASH}  # fmt: skip
WITHDRAWN = {"purpose": "BIOMETRICS", "act": "WITHDRAWN"}


@pytest.fixture
async def customer(house: House) -> str:
    return str((await house.office.post("/v1/customers", FORM)).json()["id"])


async def leaves(owner: asyncpg.Connection, subject: str, kind: str) -> list[dict[str, Any]]:
    rows = await owner.fetch(
        "SELECT convert_from(body, 'UTF8') AS body FROM evidence.leaf WHERE subject = $1"
        " ORDER BY index",
        subject,
    )
    found = [json.loads(row["body"]) for row in rows]
    return [leaf["body"] for leaf in found if leaf["kind"] == kind]


@pytest.mark.parametrize(
    ("field", "value"), [("name", NAME), ("phone", PHONE), ("document_number", NUMBER)]
)
async def test_a_field_is_shown_to_who_says_why_and_the_look_is_kept(
    house: House, owner: asyncpg.Connection, customer: str, field: str, value: str
) -> None:
    masked = (await house.office.get(f"/v1/customers/{customer}")).text
    assert not any(secret in masked for secret in (NAME, PHONE, NUMBER))
    wish = {"field": field, "reason": "回访 case 7"}
    shown = await house.office.post(f"/v1/customers/{customer}/reveal", wish)
    assert (shown.status_code, shown.json()["value"]) == (201, value)
    assert shown.json()["revealed_by"] == house.office.key
    (kept,) = (await house.office.get(f"/v1/customers/{customer}/reveals")).json()["data"]
    assert {**kept, "value": value} == shown.json()
    told = {"field": field, "reason": "回访 case 7", "by": house.office.key, "reveal": kept["id"]}
    assert await leaves(owner, customer, "reveal") == [told]
    everything = str(await owner.fetch("SELECT t::text FROM parties.reveal t")) + str(
        await owner.fetch("SELECT body FROM storage.idempotency")
    )
    assert value not in everything


async def test_a_look_without_right_or_reason_is_refused_and_shows_nothing(
    house: House, customer: str
) -> None:
    path, wish = f"/v1/customers/{customer}/reveal", {"field": "phone", "reason": "why"}
    shop = await house.office.merchant()
    reader = await house.client(scopes=["customers:read"])
    stranger = await house.client(merchant=shop)
    async with house.untouched():
        for client, form, code in (
            (reader, wish, "scope_missing"),
            (stranger, wish, "customer_not_found"),
            (house.office, {**wish, "reason": f"ring {PHONE}"}, "reason_invalid"),
            (house.office, {**wish, "reason": " "}, "reason_invalid"),
            (house.office, {**wish, "field": "everything"}, "field_invalid"),
            (house.office, {"field": "phone"}, "field_invalid"),
        ):
            answer = await client.post(path, form)
            assert answer.json()["code"] == code
            assert PHONE not in answer.text
        assert (await stranger.get(f"{path}s")).json()["code"] == "customer_not_found"


async def test_a_look_cannot_be_taken_back(owner: asyncpg.Connection, house: House) -> None:
    customer = (await house.office.post("/v1/customers", FORM)).json()["id"]
    await house.office.post(f"/v1/customers/{customer}/reveal", {"field": "name", "reason": "x"})
    await house.office.post(f"/v1/customers/{customer}/consents", GIVEN)
    for table in ("reveal", "consent"):
        for statement in (f"DELETE FROM parties.{table}", f"UPDATE parties.{table} SET by = ''",
                          f"TRUNCATE parties.{table}"):  # fmt: skip
            with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
                await owner.execute(statement)


async def test_consent_is_given_and_withdrawn_and_nothing_is_forgotten(
    house: House, owner: asyncpg.Connection, customer: str
) -> None:
    path = f"/v1/customers/{customer}/consents"
    given = await house.office.post(path, GIVEN, key="first")
    assert given.status_code == 201
    assert given.json()["law"] == "个人信息保护法 29"
    assert (await house.office.post(path, GIVEN, key="first")).json() == given.json()
    assert (await house.office.get(path)).json()["in_force"] == ["BIOMETRICS"]
    withdrawn = await house.office.post(path, WITHDRAWN)
    assert withdrawn.json()["text_sha256"] is None
    found = (await house.office.get(path)).json()
    assert (found["data"], found["in_force"]) == ([withdrawn.json(), given.json()], [])
    marketing = {**GIVEN, "purpose": "MARKETING", "separate": False}
    assert (await house.office.post(path, marketing)).status_code == 201
    assert (await house.office.get(path)).json()["in_force"] == ["MARKETING"]
    said = await leaves(owner, customer, "consent")
    assert [(leaf["purpose"], leaf["act"], leaf["text_sha256"]) for leaf in said] == [
        ("BIOMETRICS", "GIVEN", HASH), ("BIOMETRICS", "WITHDRAWN", None),
        ("MARKETING", "GIVEN", HASH),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({**GIVEN, "separate": False}, "consent_not_separate"),
        ({**GIVEN, "text_version": None}, "consent_text_missing"),
        ({**GIVEN, "text_sha256": None}, "consent_text_missing"),
        ({**GIVEN, "text_sha256": "9f"}, "field_invalid"),
        ({**GIVEN, "text_version": "\u202e"}, "text_version_invalid"),
        ({**GIVEN, "purpose": "CURIOSITY"}, "field_invalid"),
        (WITHDRAWN, "consent_not_given"),
        ({**GIVEN, "act": "WITHDRAWN"}, "consent_text_unwanted"),
    ],
)
async def test_a_word_that_cannot_be_is_refused(
    house: House, customer: str, form: dict[str, Any], code: str
) -> None:
    async with house.untouched():
        for path in (f"/v1/customers/{customer}", "/v1/customers/cus_nobody"):
            answer = await house.office.post(f"{path}/consents", form)
            known = path.endswith(customer) or code == "field_invalid"
            assert answer.json()["code"] == (code if known else "customer_not_found")
