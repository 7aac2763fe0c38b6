"""Payments before staff: the list, a refund, and proofs that the browser checks itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.browser.console.staff import Office, office, serious
from tests.journey.conftest import by_card
from tests.journey.test_evidence_over_http import seal

__all__ = ["office"]
pytestmark = pytest.mark.slow
VECTOR = json.loads(
    (Path(__file__).parents[2] / "unit/evidence/vectors/proof.json").read_text("utf-8")
)
OTHER = "anfu.test/log+00000000+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"


async def paid(office: Office, amount: int = 5_000) -> dict[str, Any]:
    """A payment by card that went through, under a checkpoint."""
    house = office.house
    wish = by_card(await house.office.customer(), await house.office.merchant(), amount)
    payment = (await house.office.post("/v1/payments", {**wish, "order": "T-1"})).json()
    assert payment["state"] == "SUCCEEDED"
    await seal(house)
    return dict(payment)


def changed(bundle: dict[str, Any], what: str) -> dict[str, Any]:
    """A proof that somebody has worked on."""
    leaf, note = bundle["leaf"], bundle["checkpoint"]
    size = note.split("\n")[1]
    return {
        "another record": {**bundle, "leaf": leaf.replace('"payment"', '"refund"', 1)},
        "another number": {**bundle, "index": bundle["index"] + 1},
        "a number beyond the log": {**bundle, "index": int(size)},
        "another path": {**bundle, "proof": bundle["proof"][::-1] + bundle["proof"][:1]},
        "another size": {**bundle, "checkpoint": note.replace(f"\n{size}\n", f"\n1{size}\n", 1)},
        "no note": {**bundle, "checkpoint": note.replace("\n\n", "\n")},
        "another key": {**bundle, "key": OTHER},
        "another form": {**bundle, "v": 2},
    }[what]


CHECKS = {"another record": "6", "another number": "6", "a number beyond the log": "5",
          "another path": "6", "another size": "4", "no note": "3", "another key": "2",
          "another form": "1"}  # fmt: skip


async def verdicts(page: Any) -> list[str]:
    """What the page says of each proof."""
    await page.locator("article[data-step=leaf] button", has_text="验证存证").first.click()
    await page.wait_for_selector("[data-proof]")
    said = page.locator("[data-proof]")
    return list(await said.evaluate_all("all => all.map(one => one.dataset.proof)"))


async def test_the_browser_verifies_a_proof_and_refuses_what_was_changed(office: Office) -> None:
    payment = await paid(office)
    page, _ = await office.person("co.mp", "compliance")
    await office.open(page, f"/payments/{payment['id']}")
    assert await verdicts(page) == ["good", "good"]
    answer = await office.house.office.get(f"/v1/evidence/proofs/{payment['id']}")
    [first, *_] = answer.json()["data"]
    forged = {**answer.json(), "data": [changed(first, what) for what in CHECKS]}
    await page.route("**/v1/evidence/proofs/*", lambda route: route.fulfill(json=forged))
    await page.reload()
    assert await verdicts(page) == list(CHECKS.values())


async def test_the_vector_is_proven_and_is_of_another_object(office: Office) -> None:
    payment = await paid(office)
    page, _ = await office.person("co.mp", "compliance")
    bundle = VECTOR["bundle"]
    proofs = {"object": "list", "data": [bundle], "more": False}
    key = {"object": "evidence_key", "name": "pay.example/anfu", "algorithm": "Ed25519",
           "public": VECTOR["public"], "id": "3cbbb08f", "key": bundle["key"],
           "former": []}  # fmt: skip
    await page.route("**/v1/evidence/proofs/*", lambda route: route.fulfill(json=proofs))
    await page.route("**/v1/evidence/key", lambda route: route.fulfill(json=key))
    await office.open(page, f"/payments/{payment['id']}")
    assert await verdicts(page) == ["8"]


async def test_finance_refunds_a_part(office: Office) -> None:
    payment = await paid(office)
    page, _ = await office.person("fi.n", "finance")
    await office.open(page, f"/payments/{payment['id']}")
    await page.get_by_role("button", name="退款", exact=True).click()
    await page.get_by_label("部分").check()
    await page.get_by_label("金额 (CNY)").fill("60")
    await page.get_by_label("退款原因").fill("cold tea")
    await page.keyboard.press("Enter")
    await page.get_by_text("须大于零，且不超过 CNY 50.00").wait_for()
    await page.get_by_label("金额 (CNY)").fill("12.30")
    await page.locator(".ant-modal .ant-btn-primary").dblclick()
    await page.get_by_text("退款已发起").wait_for()
    listed = (await office.house.office.get("/v1/refunds", payment=payment["id"])).json()["data"]
    assert [(one["amount"], one["reason"]) for one in listed] == [(1_230, "cold tea")]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_everybody_can_read_payments_on_any_screen(office: Office, dark: bool) -> None:
    payment = await paid(office)
    refund = await office.house.office.post("/v1/refunds", {"payment": payment["id"]})
    page, _ = await office.person("co.mp", "compliance", dark=dark, width=390, locale="en-GB")
    found, wide = {}, []
    one, other = f"/payments/{payment['id']}", f"/refunds/{refund.json()['id']}"
    for path in ("/payments?order=T-1", one, "/refunds", other, "/strays", "/tasks"):
        await office.open(page, path)
        await page.wait_for_timeout(250)
        if faults := await serious(page):
            found[path] = faults
        wide.append(await page.evaluate("document.documentElement.scrollWidth"))
    assert (found, max(wide)) == ({}, 390)
