"""Evidence over HTTP: a proof is fetched and checked offline, and a changed one fails."""

from __future__ import annotations

import base64
import json
from typing import Any

import msgspec
from tests.journey.conftest import House, by_card

from anfu.entrypoints.worker.rounds import seal_evidence
from anfu.evidence.bundle import verify_bundle


async def seal(house: House) -> None:
    while await seal_evidence(house.tools, house.clock, house.signer):
        pass


def as_bytes(bundle: dict[str, Any]) -> bytes:
    return msgspec.json.encode(bundle)


async def proofs(house: House, subject: str) -> list[dict[str, Any]]:
    answer = await house.office.get(f"/v1/evidence/proofs/{subject}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["more"] is False
    return list(answer.json()["data"])


async def test_the_life_of_a_payment_is_proven_offline(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(), await office.merchant()
    wish = by_card(payer, payee, 5_000, "tok_lose_answer")
    payment = (await office.post("/v1/payments", wish)).json()
    none = await office.get("/v1/evidence/checkpoint")
    assert (none.status_code, none.json()["code"]) == (404, "proof_not_found")
    early = await office.get(f"/v1/evidence/proofs/{payment['id']}")
    assert (early.status_code, early.json()["code"]) == (404, "proof_not_found")
    await house.recover()
    await office.post("/v1/refunds", {"payment": payment["id"], "amount": 1})
    await seal(house)
    head = (await office.get("/v1/evidence/checkpoint")).json()
    async with house.database.transaction(readonly=True) as tx:
        assert head["size"] == await tx.fetchval("SELECT size FROM evidence.log")
    states = []
    for bundle in await proofs(house, payment["id"]):
        verdict = verify_bundle(as_bytes(bundle), str(house.signer.key))
        assert verdict.valid and verdict.leaf is not None
        assert (verdict.leaf.kind, verdict.leaf.subject) == ("payment", payment["id"])
        assert bundle["checkpoint"] == head["note"]
        states.append((verdict.leaf.body["state"], verdict.leaf.body["refunded"]))
    assert states == [("SENDING", 0), ("UNKNOWN", 0), ("SUCCEEDED", 0), ("SUCCEEDED", 1)]


async def test_a_changed_proof_fails(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(deposit=5_000), await office.merchant()
    payment = await office.pay(payer, payee, 5_000)
    await office.pay(payer, payee, 1)
    await seal(house)
    (bundle,) = await proofs(house, payment["id"])
    key = str(house.signer.key)
    assert verify_bundle(as_bytes(bundle), key).valid
    leaf = json.loads(bundle["leaf"])
    cheaper = json.dumps({**leaf, "body": {**leaf["body"], "amount": 1}}, sort_keys=True)
    changed = {
        6: [{"leaf": bundle["leaf"].replace("5000", "5001")}, {"leaf": cheaper},
            {"index": bundle["index"] - 1}, {"proof": bundle["proof"][:-1]}],
        5: [{"index": 10_000}, {"index": -1}],
        4: [{"checkpoint": bundle["checkpoint"].replace("anfu.test/log\n", "other/log\n", 1)}],
        2: [{"key": "x+00000000+AAAA"}],
        1: [{"v": 2}, {"format": "other"}, {"proof": "x"}, {"more": 1}],
    }  # fmt: skip
    for check, wrongs in changed.items():
        for wrong in wrongs:
            verdict = verify_bundle(as_bytes({**bundle, **wrong}), key)
            assert not verdict.valid, wrong
            assert verdict.failed == check, (wrong, verdict)


async def test_a_merchant_gets_proofs_of_its_own_payments_only(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(deposit=5_000), await office.merchant()
    payment = await office.pay(payer, payee, 100)
    await seal(house)
    own = await house.client(merchant=payee)
    other = await house.client(merchant=await office.merchant("Other"))
    path = f"/v1/evidence/proofs/{payment['id']}"
    assert len((await own.get(path)).json()["data"]) == 1
    async with house.untouched():
        for client, subject in ((other, payment["id"]), (own, payer), (own, "nothing")):
            answer = await client.get(f"/v1/evidence/proofs/{subject}")
            assert (answer.status_code, answer.json()["code"]) == (404, "proof_not_found")


async def test_the_log_holds_no_personal_data(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(deposit=5_000), await office.merchant()
    await office.pay(payer, payee, 100, description="for Zhang Xiaoming", order="A-17")
    async with house.database.transaction(readonly=True) as tx:
        bodies = b"".join(row["body"] for row in await tx.fetch("SELECT body FROM evidence.leaf"))
    for secret in ("张小明", "Zhang", "A-17", "11010519", "13800000"):
        assert secret.encode() not in bodies


async def test_the_key_is_told_that_checkpoints_are_verified_with(house: House) -> None:
    told = (await house.office.get("/v1/evidence/key")).json()
    key = house.signer.key
    assert told == {
        "object": "evidence_key",
        "name": "anfu.test/log",
        "algorithm": "Ed25519",
        "public": base64.b64encode(key.public).decode(),
        "id": key.id.hex(),
        "key": str(key),
        "former": [],
    }
    blind = await house.client(scopes={"payments:read"})
    refused = await blind.get("/v1/evidence/key")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
