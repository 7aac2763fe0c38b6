"""A case opens by itself, in the transaction that decides, and takes up what is tied to it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from tests.journey.cases.case_floor import (
    act,
    adopt,
    done,
    hold,
    hold_card,
    queue,
    refused,
    rich_customer,
    say,
    the_case,
    whole,
    worker,
)
from tests.journey.conftest import House

from anfu.payments.pay import PayOrder
from anfu.risk.environment import Environment
from anfu.storage.idempotency import Claim


async def test_a_held_payment_opens_a_case_that_says_everything(house: House) -> None:
    payment = await hold(house)
    case = await the_case(house.office)
    now = house.clock.now()
    assert (case["state"], case["grade"], case["queue"]) == ("OPEN", "HIGH", "review")
    assert (case["amount"], case["at_stake"], case["currency"]) == (10_000, 10_000, "CNY")
    assert (case["count"], case["revision"], case["holder"]) == (1, 1, None)
    assert case["opened_at"] == payment["created_at"]
    assert case["due_at"] == "2026-11-23T04:30:00" + case["opened_at"][19:]
    assert (case["late"], case["responded_at"], case["level"]) == (False, None, 0)
    assert 0 < case["left_s"] <= 1_800
    [item] = case["items"]
    assert (item["decision"], item["event"]) == (payment["decision"], payment["id"])
    assert (item["held"], item["payment"], item["outcome"]) == (True, "IN_REVIEW", "REVIEW")
    assert (item["verdict"], item["label"], item["fate"]) == (None, None, None)
    assert item["waits_until"] == case["due_at"]
    assert item["reasons"] == [{"code": "LARGE", "en": "A large amount.", "zh": "金额较大。"}]
    assert item["facts"]["amount"] == 10_000
    assert item["list_hits"] == []
    assert {link["input"] for link in case["links"]} == {"payer", "payee", "device"}
    assert [a["act"] for a in case["acts"]] == ["OPENED"]
    assert len(case["choices"]["REJECT"]) == 7
    assert await house.kinds(case["id"]) == ["case.opened"]
    assert now.isoformat()[:10] == "2026-11-23"


async def test_an_ordinary_payment_opens_none_and_asks_nothing_of_cases(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: Any, **__: Any) -> None:
        raise AssertionError("an ordinary payment asked for the policy of cases")

    payer, payee = await rich_customer(house), await house.office.merchant()
    monkeypatch.setattr("anfu.payments.refer.get_policy", never)
    payment = await house.office.pay(payer, payee, 900)
    assert payment["state"] == "SUCCEEDED"
    assert await house.count("risk.case") == 0


async def test_a_payment_refused_for_want_of_money_opens_none(house: House) -> None:
    payer, payee = await house.office.customer(deposit=5_000), await house.office.merchant()
    payment = await house.office.pay(payer, payee, 10_000)
    assert (payment["state"], payment["outcome"]) == ("REFUSED", "REVIEW")
    assert await house.count("risk.case") == 0


async def test_what_shares_payer_device_or_payee_comes_into_one_case(house: House) -> None:
    first = await hold(house)
    await hold(house, payer=first["payer"])
    third = await hold(house, payee=first["payee"], device="dev_of_both")
    await hold(house, device="dev_of_both")
    case = await the_case(house.office)
    assert (case["count"], case["amount"], case["revision"]) == (4, 40_000, 4)
    assert third["id"] in [item["event"] for item in case["items"]]
    assert [a["act"] for a in case["acts"]] == ["OPENED", "JOINED", "JOINED", "JOINED"]
    assert await house.kinds(case["id"]) == ["case.opened"]


async def test_what_is_tied_by_a_card_comes_into_one_case(house: House) -> None:
    await hold_card(house, card="tok_one")
    await hold_card(house, card="tok_one")
    await hold_card(house, card="tok_other")
    assert sorted(case["count"] for case in await queue(house.office)) == [1, 2]


async def test_strangers_get_cases_of_their_own(house: House) -> None:
    await hold(house)
    await hold(house)
    assert len(await queue(house.office)) == 2


async def test_a_case_takes_nothing_more_after_the_window_or_when_it_is_full(house: House) -> None:
    await adopt(house, group_most=2, group_window_s=600)
    first = await hold(house)
    await hold(house, payer=first["payer"])
    await hold(house, payer=first["payer"])
    assert sorted(c["count"] for c in await queue(house.office)) == [1, 2]
    house.clock.advance(timedelta(seconds=601))
    await hold(house, payer=first["payer"])
    assert sorted(c["count"] for c in await queue(house.office)) == [1, 1, 2]


async def test_cases_that_share_something_name_each_other(house: House) -> None:
    await adopt(house, group_most=1)
    first = await hold(house)
    await hold(house, payer=first["payer"])
    one, other = [await whole(house.office, c["id"]) for c in await queue(house.office)]
    shared = {"state": "OPEN", "input": "payer", "value": first["payer"]}
    assert one["neighbours"] == [{"case": other["id"], **shared}]
    assert other["neighbours"] == [{"case": one["id"], **shared}]


async def test_parallel_payments_of_one_payer_open_one_case(house: House) -> None:
    payer = await rich_customer(house)
    payees = [await house.office.merchant() for _ in range(8)]
    orders = [_order(payer, payee, n) for n, payee in enumerate(payees)]
    # Each in a batch of its own: as eight processes would decide them.
    results = await asyncio.gather(*(house.desk._pay([order]) for order in orders))
    assert len(results) == 8
    held = await house.count("risk.case_item")
    assert held == 8
    [case] = await queue(house.office)
    assert (case["count"], case["amount"]) == (8, 80_000)


async def test_one_batch_opens_one_case(house: House) -> None:
    payer = await rich_customer(house)
    payees = [await house.office.merchant() for _ in range(8)]
    await house.desk._pay([_order(payer, payee, n) for n, payee in enumerate(payees)])
    [case] = await queue(house.office)
    assert (case["count"], case["amount"], case["at_stake"]) == (8, 80_000, 80_000)


def _order(payer: str, payee: str, n: int) -> PayOrder:
    claim = Claim("anfu", f"parallel-{n}", bytes([n]) * 32)
    seen = Environment(device=f"dev_stranger_{n}")
    return PayOrder(claim, None, payer, payee, 10_000, "CNY", "balance", seen,
                    factors=("password", "sms_code"))  # fmt: skip


async def test_a_decision_for_another_switch_opens_a_case_whose_verdict_is_told(
    house: House,
) -> None:
    office = house.office
    asked = await _asked(house)
    case = await the_case(office)
    [item] = [i for i in case["items"] if i["decision"] == asked["id"]]
    assert (item["held"], item["payment"], item["event"]) == (False, None, asked["event"])
    assert case["at_stake"] == case["amount"]
    await done(office, case["id"], "claim")
    answer = await say(office, case["id"], "REJECT")
    assert answer.json()["state"] == "CLOSED"
    events = (await office.get("/v1/events")).json()["data"]
    [told] = [e for e in events if e["kind"] == "case.closed"]
    assert told["data"]["items"][0]["verdict"] == "REJECT"
    assert told["data"]["items"][0]["event"] == case["items"][0]["event"]
    after = await whole(office, case["id"])
    assert [i["label"] for i in after["items"]] == ["FRAUD"] * len(after["items"])


async def _asked(house: House, event: str = "order-9") -> dict[str, Any]:
    """A decision with outcome REVIEW that another switch has asked for."""
    form = {"payer": "alice", "payee": "gold", "amount": 10_000, "currency": "CNY",
            "method": "card", "event": event, "environment": {"device": "phone"}}  # fmt: skip
    answer = await house.office.post("/v1/decisions", form)
    assert answer.json()["outcome"] == "REVIEW", answer.text
    return dict(answer.json())


async def test_an_event_named_like_a_payment_of_ours_is_refused(house: House) -> None:
    """The attack: a caller of /v1/decisions names its event like somebody's payment, to have that
    payment labelled when its own decision is rejected."""
    victim = await house.office.pay(await rich_customer(house), await house.office.merchant(), 900)
    form = {"payer": "alice", "payee": "gold", "amount": 10_000, "currency": "CNY",
            "method": "card", "event": victim["id"]}  # fmt: skip
    async with house.untouched():
        answer = await house.office.post("/v1/decisions", form)
        assert (answer.status_code, answer.json()["code"]) == (422, "field_invalid")
        assert answer.json()["field"] == "event"


async def test_blocked_payments_are_sampled_where_policy_says_so(house: House) -> None:
    await adopt(house, sample_blocked=100)
    blocked = await _blocked(house)
    case = await the_case(house.office)
    [item] = case["items"]
    assert (item["event"], item["held"], item["fate"]) == (blocked["id"], False, "BLOCKED")
    assert (case["amount"], case["at_stake"]) == (0, 0)
    await done(house.office, case["id"], "claim")
    answer = await say(house.office, case["id"], "RELEASE", "FALSE_ALARM")
    assert answer.json()["state"] == "CLOSED"
    assert (await whole(house.office, case["id"]))["items"][0]["label"] == "HONEST"
    payment = await house.office.get(f"/v1/payments/{blocked['id']}")
    assert payment.json()["state"] == "BLOCKED"


async def test_blocked_payments_open_nothing_by_themselves(house: House) -> None:
    await _blocked(house)
    assert await house.count("risk.case") == 0


async def _blocked(house: House) -> dict[str, Any]:
    payment = await house.office.pay(await rich_customer(house), await house.office.merchant(), 7)
    assert payment["state"] == "BLOCKED"
    return payment


async def test_no_merchant_and_no_key_without_the_scope_sees_or_touches_a_case(
    house: House,
) -> None:
    await hold(house)
    case = (await the_case(house.office))["id"]
    theirs = await house.client(merchant=await house.office.merchant("Other"))
    reader = await worker(house, ["cases:read"])
    async with house.untouched():
        for path in ("", f"/{case}", "/figures"):
            await refused(await theirs.get(f"/v1/cases{path}"), 403, "institution_only")
        for how, body in _BODIES.items():
            await refused(await act(theirs, case, how, body), 403, "institution_only")
            await refused(await act(reader, case, how, body), 403, "scope_missing")
        await refused(
            await theirs.post("/v1/cases/hand-over", {"queue": "review", "note": "x"}),
            403, "institution_only",
        )  # fmt: skip
        await refused(await theirs.get("/v1/case-policy"), 403, "institution_only")


_BODIES = {
    "claim": None,
    "assign": {"to": "key_x"},
    "give-back": {},
    "notes": {"text": "x"},
    "verdict": {"verdict": "RELEASE", "reason": "KNOWN_HABIT", "revision": 1},
    "confirm": None,
    "decline": None,
    "reopen": {"text": "x"},
}


async def test_a_case_that_does_not_exist_is_not_found(house: House) -> None:
    async with house.untouched():
        await refused(await house.office.get("/v1/cases/cas_none"), 404, "case_not_found")
        for how, body in _BODIES.items():
            await refused(await act(house.office, "cas_none", how, body), 404, "case_not_found")
