"""Lists over HTTP: who may change what alone, what a hit does, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.journey.conftest import Client, House, by_card

from anfu.risk.queries import replay

DEVICES = "/v1/lists/fraud_devices/entries"
TRUSTED = "/v1/lists/trusted_payers/entries"


def entries(*values: str, why: str = "case 17", **more: Any) -> dict[str, Any]:
    return {"entries": [{"value": v, **more} for v in values], "why": why, "source": "case"}


def declared(**other: Any) -> dict[str, Any]:
    return {
        "name": "mule_devices", "kind": "BLACK", "form": "EXACT", "inputs": ["device"],
        "grade": "GENERAL", "points": 80, "reason": "LIST_MULE_DEVICE", "en": "A mule's device",
        "zh": "跑分设备", "source": "cases", "owner": "risk", "why": "pattern of November",
        **other,
    }  # fmt: skip


async def approved(house: House, proposal: str) -> dict[str, Any]:
    """What a second person makes of it; this process follows."""
    second = await house.client()
    answer = await second.post(f"/v1/proposals/{proposal}/approve", {})
    assert answer.status_code == 200, answer.text
    await house.tools.lists.turn()
    return dict(answer.json())


async def leaves(house: House, subject: str) -> int:
    async with house.database.transaction() as tx:
        return int(
            await tx.fetchval("SELECT count(*) FROM evidence.leaf WHERE subject = $1", subject)
        )


async def decide(client: Client, **more: Any) -> dict[str, Any]:
    form = {"event": f"e{client.count}", "payer": "alice", "payee": "shop", "amount": 1000,
            "currency": "CNY", "method": "card", **more}  # fmt: skip
    answer = await client.post("/v1/decisions", form)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_device_on_the_black_list_is_held_from_the_next_payment_on(house: House) -> None:
    office = house.office
    seen = {"environment": {"device": "dev_bad"}}
    assert (await decide(office, **seen))["outcome"] == "ALLOW"
    answer = await office.post(DEVICES, entries("dev_bad"))
    assert answer.json() == {
        "id": answer.json()["id"], "object": "list_change", "list": "fraud_devices",
        "state": "RELEASED", "tightens": 1, "loosens": 0, "version": 1, "proposal": None,
    }  # fmt: skip
    assert await leaves(house, answer.json()["id"]) == 1
    held = await decide(office, **seen)
    assert (held["outcome"], held["grade"]) == ("REVIEW", "HIGH")
    assert held["reasons"][0] == "LIST_FRAUD_DEVICE"
    facts = (await office.get(f"/v1/decisions/{held['id']}")).json()["facts"]
    assert facts["list_hits"] == "fraud_devices:device"
    assert (await decide(office, environment={"device": "dev_good"}))["outcome"] == "ALLOW"
    # Taken off by two people, the decision of before still follows from what is kept.
    off = await office.post(f"{DEVICES}/remove", {"values": ["dev_bad"], "why": "returned"})
    await approved(house, off.json()["proposal"])
    async with house.database.transaction(readonly=True) as tx:
        assert (await replay(tx, held["id"])).same
    assert (await decide(office, **seen))["outcome"] == "ALLOW"


async def test_what_has_expired_is_met_by_nobody(house: House) -> None:
    until = (house.clock.now() + timedelta(hours=1)).isoformat()
    await house.office.post(DEVICES, entries("dev_bad", expires_at=until))
    seen = {"environment": {"device": "dev_bad"}}
    assert (await decide(house.office, **seen))["outcome"] == "REVIEW"
    house.clock.advance(timedelta(hours=1))
    assert (await decide(house.office, **seen))["outcome"] == "ALLOW"
    found = (await house.office.get(DEVICES, value="dev_bad")).json()["data"]
    assert [entry["expired"] for entry in found] == [True]


async def test_whoever_takes_off_a_black_list_needs_another_person(house: House) -> None:
    await house.office.post(DEVICES, entries("dev_bad"))
    off = (
        await house.office.post(f"{DEVICES}/remove", {"values": ["dev_bad"], "why": "no"})
    ).json()
    assert (off["state"], off["loosens"], off["version"]) == ("PROPOSED", 1, None)
    proposal = f"/v1/proposals/{off['proposal']}"
    paper = (await house.office.get(proposal)).json()["papers"][0]
    assert paper["kind"] == "DELTA"
    assert (paper["body"]["removed"], paper["body"]["entries"]) == (1, 1)
    async with house.untouched():
        alone = await house.office.post(f"{proposal}/approve", {})
        assert (alone.status_code, alone.json()["code"]) == (403, "second_person_needed")
    assert len((await house.office.get(DEVICES)).json()["data"]) == 1
    await approved(house, off["proposal"])
    assert (await house.office.get(DEVICES)).json()["data"] == []


async def test_an_expiry_moved_forward_is_a_removal_in_disguise(house: House) -> None:
    await house.office.post(DEVICES, entries("dev_bad"))
    soon = (house.clock.now() + timedelta(minutes=1)).isoformat()
    answer = (await house.office.post(DEVICES, entries("dev_bad", expires_at=soon))).json()
    assert (answer["state"], answer["tightens"], answer["loosens"]) == ("PROPOSED", 0, 1)
    house.clock.advance(timedelta(hours=1))
    assert (await decide(house.office, environment={"device": "dev_bad"}))["outcome"] == "REVIEW"


async def test_many_small_changes_of_one_person_count_together(house: House) -> None:
    for number in range(10):
        answer = await house.office.post(DEVICES, entries(f"dev_{number}"))
        assert answer.json()["state"] == "RELEASED"
    assert (await house.office.post(DEVICES, entries("dev_11"))).json()["state"] == "PROPOSED"
    other = await house.client()
    assert (await other.post(DEVICES, entries("dev_12"))).json()["state"] == "RELEASED"
    house.clock.advance(timedelta(days=1, seconds=1))
    assert (await house.office.post(DEVICES, entries("dev_13"))).json()["state"] == "RELEASED"


async def test_nobody_trusts_a_payer_alone_and_trust_excuses_only_from_what_it_names(
    house: House,
) -> None:
    answer = (await house.office.post(TRUSTED, entries("alice"))).json()
    assert (answer["state"], answer["loosens"]) == ("PROPOSED", 1)
    small = {"amount": 1000}
    for number in range(9):
        last = await decide(house.office, payee=f"p{number}", **small)
    assert "MANY_SMALL_TRANSFERS" in last["reasons"]
    await approved(house, answer["proposal"])
    last = await decide(house.office, payee="p9", **small)
    assert "MANY_SMALL_TRANSFERS" not in last["reasons"]
    assert "MANY_SMALL_TRANSFERS" in (await _many(house.office, "bob"))["reasons"]


async def _many(client: Client, payer: str) -> dict[str, Any]:
    for number in range(9):
        last = await decide(client, payer=payer, payee=f"q{number}")
    return last


async def test_a_list_is_declared_by_two_people_and_its_hit_is_a_reason(house: House) -> None:
    answer = (await house.office.post("/v1/lists", declared())).json()
    assert (answer["state"], answer["list"]) == ("PROPOSED", "mule_devices")
    async with house.untouched():
        missing = await house.office.get("/v1/lists/mule_devices")
        assert (missing.status_code, missing.json()["code"]) == (404, "list_not_found")
    ruling = await approved(house, answer["proposal"])
    assert ruling["state"] == "APPROVED"
    found = (await house.office.get("/v1/lists/mule_devices")).json()
    assert (found["grade"], found["entries"], found["feed"]) == ("GENERAL", 0, None)
    await house.office.post("/v1/lists/mule_devices/entries", entries("dev_mule"))
    said = await decide(house.office, environment={"device": "dev_mule"})
    assert (said["outcome"], said["reasons"]) == ("BLOCK", ["LIST_MULE_DEVICE"])
    over = (await house.office.post("/v1/lists/mule_devices/retire", {"why": "over"})).json()
    await approved(house, over["proposal"])
    assert (await decide(house.office, environment={"device": "dev_mule"}))["outcome"] == "ALLOW"
    gone = await house.office.post("/v1/lists/mule_devices/entries", entries("dev_mule"))
    assert (gone.status_code, gone.json()["code"]) == (404, "list_not_found")


async def test_of_two_declarations_the_one_made_against_an_older_word_is_refused(
    house: House,
) -> None:
    first = (await house.office.post("/v1/lists", declared())).json()
    second = (await house.office.post("/v1/lists", declared(points=10))).json()
    await approved(house, first["proposal"])
    decider = await house.client()
    async with house.untouched():
        late = await decider.post(f"/v1/proposals/{second['proposal']}/approve", {})
        assert (late.status_code, late.json()["code"]) == (409, "list_changed_since")


async def test_a_phone_number_is_found_by_its_hash_and_kept_nowhere(house: House) -> None:
    answer = await house.office.post("/v1/lists/fraud_phones/entries", entries("+86 138 0013 8000"))
    assert answer.json()["state"] == "RELEASED"
    page = await house.office.get("/v1/lists/fraud_phones/entries", value="13800138000")
    token = page.json()["data"][0]["value"]
    assert token == house.tools.sealer.ring.blind_index("phone", "13800138000").hex()
    async with house.database.transaction() as tx:
        kept = await tx.fetchval("SELECT string_agg(t::text, ' ') FROM risk.list_item t")
    assert "13800138000" not in kept.replace(" ", "")


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("stolen_cards", "4111 1111 1111 1111", "list_value_in_clear"),
        ("hosting_networks", "0.0.0.0/0", "list_network_too_wide"),
        ("hosting_networks", "::/0", "list_network_too_wide"),
        ("hosting_networks", "192.0.2.1/24", "list_network_invalid"),
        ("fraud_devices", " ", "list_value_invalid"),
        ("no_such_list", "dev", "list_not_found"),
    ],
)
async def test_a_value_that_may_not_stand_there_changes_nothing(
    house: House, name: str, value: str, code: str
) -> None:
    async with house.untouched():
        answer = await house.office.post(f"/v1/lists/{name}/entries", entries(value))
        assert answer.json()["code"] == code
        assert value.strip() == "" or value not in answer.text.replace(name, "")


async def test_refusals_of_entries_and_declarations_change_nothing(house: House) -> None:
    past = house.clock.now().isoformat()
    cases = [
        (DEVICES, entries("a", "a"), "list_value_repeated"),
        (DEVICES, entries("a", expires_at=past), "list_expiry_past"),
        (DEVICES, entries("a", reason="=HYPERLINK(1)"), "list_text_invalid"),
        ("/v1/lists", declared(name="Bad"), "list_name_invalid"),
        ("/v1/lists", declared(inputs=["amount"]), "list_inputs_invalid"),
        ("/v1/lists", declared(form="PREFIX", inputs=["payer"]), "list_form_unfit"),
        ("/v1/lists", declared(kind="WHITE"), "list_effect_invalid"),
        ("/v1/lists", declared(excuses=["signal_far"]), "list_effect_invalid"),
        ("/v1/lists", declared(en=" "), "list_text_missing"),
        ("/v1/lists", declared(name="fraud_devices", form="HASHED"), "list_form_fixed"),
        ("/v1/lists", declared(feed={"url": "http://x", "key": "0" * 64}), "list_feed_invalid"),
    ]
    async with house.untouched():
        for path, body, code in cases:
            answer = await house.office.post(path, body)
            assert (answer.json()["code"], path) == (code, path)


async def test_a_merchant_sees_and_changes_no_list(house: House) -> None:
    merchant = await house.office.merchant()
    till = await house.client(merchant=merchant)
    csv = {"csv": "value\na\n", "why": "w", "source": "s"}
    async with house.untouched():
        for path in ("/v1/lists", "/v1/lists/fraud_devices", DEVICES,
                     "/v1/lists/fraud_devices/changes"):  # fmt: skip
            assert (await till.get(path)).json()["code"] == "institution_only"
        for path, body in (
            ("/v1/lists", declared()), (DEVICES, entries("a")),
            (f"{DEVICES}/remove", {"values": ["a"], "why": "w"}),
            ("/v1/lists/fraud_devices/import", csv),
            ("/v1/lists/fraud_devices/delta", {"csv": csv["csv"]}),
            ("/v1/lists/fraud_devices/retire", {"why": "w"}),
        ):  # fmt: skip
            assert (await till.post(path, body)).json()["code"] == "institution_only"


async def test_an_import_is_all_or_nothing_and_names_each_wrong_row(house: House) -> None:
    path = "/v1/lists/fraud_devices/import"
    wrong = "value,expires_at,reason\ndev_1,,ok\n,,\ndev_2,2020-01-01,\ndev_1,,\ndev_3\n"
    async with house.untouched():
        answer = await house.office.post(path, {"csv": wrong, "why": "w", "source": "s"})
        assert (answer.status_code, answer.json()["code"]) == (422, "list_rows_invalid")
    assert answer.json()["details"] == {
        "count": 4,
        "rows": [
            {"row": 3, "column": "value", "code": "list_value_invalid"},
            {"row": 4, "column": "expires_at", "code": "list_expiry_past"},
            {"row": 5, "column": "value", "code": "list_value_repeated"},
            {"row": 6, "column": "", "code": "list_row_unreadable"},
        ],
    }
    right = "value,expires_at,reason\ndev_1,2027-01-31,ok\ndev_2,,\n"
    answer = await house.office.post(path, {"csv": right, "why": "file", "source": "issuer"})
    assert (answer.json()["state"], answer.json()["tightens"]) == ("RELEASED", 2)
    first, second = (await house.office.get(DEVICES)).json()["data"]
    assert (first["expires_at"], first["reason"]) == ("2027-01-31T16:00:00.000Z", "ok")
    assert (second["expires_at"], second["reason"], second["source"]) == (None, "file", "issuer")


async def test_an_import_that_replaces_is_shown_before_and_proposed(house: House) -> None:
    await house.office.post(DEVICES, entries("dev_1", "dev_2", "dev_3"))
    csv = "value,expires_at\ndev_2,\ndev_3,2027-01-31\ndev_4,\n"
    async with house.untouched():
        delta = (await house.office.post("/v1/lists/fraud_devices/delta", {"csv": csv})).json()
    assert {k: delta[k] for k in ("entries", "added", "moved", "removed")} == {
        "entries": 3, "added": 1, "moved": 1, "removed": 1,
    }  # fmt: skip
    body = {"csv": csv, "why": "new file", "source": "issuer", "replace": True}
    answer = (await house.office.post("/v1/lists/fraud_devices/import", body)).json()
    assert (answer["state"], answer["tightens"], answer["loosens"]) == ("PROPOSED", 1, 2)
    await approved(house, answer["proposal"])
    page = (await house.office.get(DEVICES)).json()["data"]
    assert [entry["value"] for entry in page] == ["dev_2", "dev_3", "dev_4"]
    history = (await house.office.get("/v1/lists/fraud_devices/changes")).json()["data"]
    assert [(one["version"], one["proposal"] is None) for one in history] == [(2, False), (1, True)]


async def test_the_same_request_twice_is_one_change(house: House) -> None:
    first = await house.office.post(DEVICES, entries("dev_bad"), key="k")
    again = await house.office.post(DEVICES, entries("dev_bad"), key="k")
    assert first.content == again.content
    assert await house.count("risk.list_release") == 1
    nothing = (await house.office.post(DEVICES, entries("dev_bad"))).json()
    assert (nothing["state"], nothing["id"]) == ("UNCHANGED", None)


async def test_a_listed_payee_stops_a_real_payment(house: House) -> None:
    payer, shop = await house.office.customer(), await house.office.merchant()
    await house.office.post("/v1/lists/fraud_accounts/entries", entries(shop))
    answer = await house.office.post("/v1/payments", by_card(payer, shop, 1000))
    assert (answer.json()["state"], answer.json()["reasons"][0]) == (
        "IN_REVIEW", "LIST_FRAUD_ACCOUNT",
    )  # fmt: skip
