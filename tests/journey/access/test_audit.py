"""The audit: who did what, each line proven by the leaf it is."""

from __future__ import annotations

from typing import Any

from tests.journey.access.steps import invited, two
from tests.journey.access.test_two_people import approve, key_of, proposed
from tests.journey.conftest import Client, House
from tests.journey.test_evidence_over_http import as_bytes, seal

from anfu.evidence.bundle import verify_bundle

AUDIT = "/v1/audit"


async def audited(client: Client, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get(AUDIT, **query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


async def test_who_changed_policy_is_told_with_its_proof(house: House) -> None:
    office, second = house.office, await key_of(house, None)
    payer, payee = await office.customer(deposit=900), await office.merchant()
    await office.pay(payer, payee, 700)
    rule = await proposed(office, "sevens")
    assert (await approve(second, rule)).status_code == 200
    reveal = {"field": "phone", "reason": "called back about an order"}
    assert (await office.post(f"/v1/customers/{payer}/reveal", reveal)).status_code == 201
    auditor = await house.client(scopes={"access:read", "evidence:read"})
    async with house.untouched():
        found = await audited(auditor)
        lines = [(one["kind"], one["act"], one["person"], one["subject"]) for one in found[:3]]
        assert lines == [
            ("reveal", None, office.key, payer),
            ("proposal", "APPROVED", second.key, rule),
            ("proposal", "OPEN", office.key, rule),
        ]
        # A payment is a customer's own act, and a customer is enrolled by a program.
        assert {one["kind"] for one in found} <= {"reveal", "proposal", "list_change"}
        assert found[1]["title"] == {"en": "A proposal", "zh": "变更提案"}
        assert [one["sealed"] for one in found[:3]] == [False] * 3
        assert len(await audited(auditor, kind="proposal", person=second.key)) == 1
        assert len(await audited(auditor, subject=rule)) == 2
        rest = await audited(auditor, after=found[1]["index"], subject=rule)
        assert [one["act"] for one in rest] == ["OPEN"]
    await seal(house)
    (line,) = await audited(auditor, kind="reveal")
    (bundle,) = [
        one for one in (await auditor.get(line["proof"])).json()["data"]
        if one["index"] == line["index"]
    ]  # fmt: skip
    assert line["sealed"] and verify_bundle(as_bytes(bundle), str(house.signer.key)).valid


async def test_acts_of_staff_bear_their_logins(house: House) -> None:
    one, _ = await two(house)
    member, _link = await invited(one, "li.wei", "viewer")
    found = await audited(house.office, person=one.id, kind="access")
    assert (found[0]["act"], found[0]["login"], found[0]["subject"]) == (
        "staff.invited", "admin.one", member.id
    )  # fmt: skip
    blind = await house.client(scopes={"evidence:read"})
    refused = await blind.get(AUDIT)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
