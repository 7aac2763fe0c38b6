"""Files attached to a case: sealed, by their SHA-256 in the evidence, read by who works on it."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import asyncpg
import pytest
from tests.journey.cases.case_floor import (
    FILE,
    LOOKED,
    TEXT,
    act,
    done,
    hold,
    refused,
    say,
    the_case,
    whole,
    worker,
)
from tests.journey.conftest import House

from anfu.compliance.privacy.reseal import reseal
from anfu.kernel.ids import SeededEntropy
from anfu.parties.keyring import Sealer
from anfu.risk.cases.attachments.attachment import SIZE_MAX

DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
FILES = {
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "image/png": PNG,
    "image/jpeg": b"\xff\xd8\xff\xe0" + bytes(8),
    "text/plain": "通话记录\r\n\t1. 否认\f".encode(),
}


def file(media_type: str, content: bytes, **more: Any) -> dict[str, Any]:
    """A file as it is sent."""
    encoded = base64.b64encode(content).decode()
    return {**FILE, "media_type": media_type, "content": encoded, **more}


async def opened(house: House) -> str:
    """A case about one payment."""
    await hold(house)
    return str((await the_case(house.office))["id"])


async def attached(house: House, case: str, form: dict[str, Any]) -> dict[str, Any]:
    answer = await act(house.office, case, "attachments", form)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_file_is_listed_without_its_content_and_read_with_it(house: House) -> None:
    case = await opened(house)
    made = await attached(house, case, FILE)
    assert {k: made[k] for k in made.keys() - {"id", "created_at"}} == {
        "object": "attachment", "case": case, "by": house.office.key, "media_type": "text/plain",
        "size": len(TEXT.encode()), "sha256": DIGEST,
    }  # fmt: skip
    after = await whole(house.office, case)
    listed = {**made, "name": FILE["name"], "shows": FILE["shows"]}
    assert after["attachments"] == [listed]
    assert after["acts"][-1]["act"] == "ATTACHED"
    assert after["acts"][-1]["detail"] == {
        "attachment": made["id"], "media_type": "text/plain", "size": made["size"],
        "digest": DIGEST,
    }  # fmt: skip
    answer = await house.office.get(f"/v1/cases/{case}/attachments/{made['id']}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {**listed, "content": FILE["content"]}


@pytest.mark.parametrize("media_type", FILES)
async def test_each_media_type_comes_back_as_it_went_in(house: House, media_type: str) -> None:
    case = await opened(house)
    made = await attached(house, case, file(media_type, FILES[media_type]))
    answer = await house.office.get(f"/v1/cases/{case}/attachments/{made['id']}")
    assert base64.b64decode(answer.json()["content"]) == FILES[media_type]
    assert answer.json()["media_type"] == media_type


async def test_nothing_of_a_file_lies_about_readable(house: House) -> None:
    case = await opened(house)
    await attached(house, case, FILE)
    async with house.database.transaction(readonly=True) as tx:
        row = await tx.fetchrow("SELECT sealed, content FROM risk.case_attachment")
        leaves = await tx.fetch("SELECT body FROM evidence.leaf WHERE subject = $1", case)
        events = await tx.fetch("SELECT body FROM storage.event WHERE object_id = $1", case)
        acts = await tx.fetch("SELECT convert_to(detail, 'UTF8') FROM risk.case_act")
        answers = await tx.fetch("SELECT body FROM storage.idempotency WHERE body IS NOT NULL")
    assert any(DIGEST.encode() in leaf[0] for leaf in leaves)
    kept = [*row, *(r[0] for rows in (leaves, events, acts, answers) for r in rows)]
    for secret in ("13800000001", "张小明", str(FILE["content"])):
        assert [value for value in kept if secret.encode() in bytes(value)] == []


async def test_the_same_key_attaches_once(house: House) -> None:
    case = await opened(house)
    first, again = [
        await act(house.office, case, "attachments", FILE, key="attach-1") for _ in range(2)
    ]
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert len((await whole(house.office, case))["attachments"]) == 1


WRONG = {
    "a picture called a text": (file("text/plain", PNG), "attachment_not_as_declared"),
    "a document called a text": (
        file("text/plain", b"%PDF-1.7\n"), "attachment_not_as_declared"),
    "a page called a picture": (
        file("image/png", b"<html><script>"), "attachment_not_as_declared"),
    "one picture called another": (file("image/jpeg", PNG), "attachment_not_as_declared"),
    "a text with a NUL": (file("text/plain", b"a\0b"), "attachment_not_as_declared"),
    "a text with a DEL": (file("text/plain", b"a\x7f"), "attachment_not_as_declared"),
    "a text in GBK": (file("text/plain", "附件".encode("gbk")), "attachment_not_as_declared"),
    "nothing": (file("text/plain", b""), "attachment_empty"),
    "too much": (file("text/plain", b"a" * (SIZE_MAX + 1)), "attachment_too_large"),
    "a page": (file("text/html", b"<html>"), "field_invalid"),
    "no base64": ({**FILE, "content": "%%%"}, "field_invalid"),
    "a name that turns round": (file("text/plain", b"a", name="a\u202egpj.exe"), "name_invalid"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
async def test_what_is_not_taken_changes_nothing(house: House, what: str) -> None:
    form, code = WRONG[what]
    case = await opened(house)
    async with house.untouched():
        await refused(await act(house.office, case, "attachments", form), 422, code)


async def test_the_largest_is_taken_and_what_is_larger_is_not_even_read(house: House) -> None:
    case = await opened(house)
    largest = file("image/png", PNG + bytes(SIZE_MAX - len(PNG)))
    assert (await attached(house, case, largest))["size"] == SIZE_MAX
    async with house.untouched():
        form = file("image/png", PNG + bytes(2 * SIZE_MAX))
        await refused(await act(house.office, case, "attachments", form), 413, "body_too_large")


async def test_nothing_is_attached_to_a_closed_case_or_to_none(house: House) -> None:
    case = await opened(house)
    made = await attached(house, case, FILE)
    await done(house.office, case, "claim")
    assert (await say(house.office, case, "REJECT")).json()["state"] == "CLOSED"
    async with house.untouched(LOOKED):
        await refused(await act(house.office, case, "attachments", FILE), 409, "case_closed")
        await refused(await act(house.office, "cas_none", "attachments", FILE), 404,
                      "case_not_found")  # fmt: skip
        read = await house.office.get(f"/v1/cases/{case}/attachments/{made['id']}")
        assert read.status_code == 200


async def test_only_who_works_on_cases_reads_a_file_and_only_by_its_case(house: House) -> None:
    case = await opened(house)
    made = await attached(house, case, FILE)
    other = (await hold(house))["id"]
    [second] = (await house.office.get("/v1/cases", event=other)).json()["data"]
    path = f"/v1/cases/{case}/attachments/{made['id']}"
    reader, one = await worker(house, ["cases:read"]), await worker(house)
    shop = await house.client(merchant=await house.office.merchant("Other"))
    async with house.untouched():
        await refused(await reader.get(path), 403, "scope_missing")
        await refused(await act(reader, case, "attachments", FILE), 403, "scope_missing")
        await refused(await shop.get(path), 403, "institution_only")
        wrong = f"/v1/cases/{second['id']}/attachments/{made['id']}"
        await refused(await one.get(wrong), 404, "attachment_not_found")
    assert (await one.get(path)).status_code == 200


async def test_a_file_is_read_after_its_key_was_turned(
    house: House, owner: asyncpg.Connection
) -> None:
    case = await opened(house)
    made = await attached(house, case, FILE)
    ring = house.tools.sealer.ring.with_prepared_key(SeededEntropy(5)).with_newest_active()
    await reseal(house.database, Sealer(ring, SeededEntropy(6)), lambda _: None)
    sealed, content = await owner.fetchrow("SELECT sealed, content FROM risk.case_attachment")
    only = ring.without(1)
    assert only.unseal(content, bound_to=made["id"]).decode() == TEXT
    assert FILE["name"] in only.unseal(sealed, bound_to=made["id"]).decode()


async def test_content_exchanged_for_what_else_the_key_opens_is_not_given_out(
    house: House, owner: asyncpg.Connection
) -> None:
    case = await opened(house)
    made = await attached(house, case, FILE)
    await owner.execute("UPDATE risk.case_attachment SET content = sealed")
    answer = await house.office.get(f"/v1/cases/{case}/attachments/{made['id']}")
    await refused(answer, 500, "internal_error")
