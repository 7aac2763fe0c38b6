"""Reconciliation end to end: the sandbox's own bills over its signed line, and two people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.journey.conftest import House, by_card
from tests.journey.test_scenes import sound
from tests.journey.waits import shown

from anfu.channels.bills.bill import BillFile, BillKind, NoBill
from anfu.channels.sandbox.bills import SandboxBills
from anfu.channels.sandbox.messages import NETWORK, Identity
from anfu.channels.signed import SignedLine
from anfu.entrypoints.api.waiting_kinds import Name
from anfu.kernel.errors import Refused
from anfu.kernel.ids import SeededEntropy
from anfu.kernel.periods import civil_date
from anfu.payments.fund import channel_key
from anfu.settlement.reconciliation.advance import advance
from anfu.settlement.reconciliation.fetch import Desk
from anfu.settlement.reconciliation.reconcile import reconcile
from anfu.settlement.reconciliation.suspense import long_key, short_key
from anfu.settlement.reconciliation.terms import Terms
from anfu.settlement.reconciliation.treat import treat

RATE = Terms(rate_ppm=6000)
ITEMS = "/v1/reconciliation-items"


@asynccontextmanager
async def reckoning(house: House) -> AsyncIterator[Desk]:
    """The desk of reconciliation over the house, in the sandbox's own clock and keys."""
    member = Identity("anfu", _key(1), NETWORK, _key(2).public_key())
    line = SignedLine("http://sandbox", member, clock=house.clock, entropy=SeededEntropy(21),
                      transport=house.wire)  # fmt: skip
    bills = {"sandbox": SandboxBills(line)}
    desk = Desk(house.tools, bills, {"sandbox": RATE})
    house.desk.reconciling = desk
    yield desk
    await line.aclose()


@pytest.fixture
async def books(house: House) -> AsyncIterator[Desk]:
    async with reckoning(house) as desk:
        yield desk


def _key(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


async def paid(house: House, *amounts: int) -> list[str]:
    """Payments by card, one an hour."""
    payer, payee = await house.office.customer(), await house.office.merchant()
    made = []
    for amount in amounts:
        house.clock.advance(timedelta(hours=1))
        answer = await house.office.post("/v1/payments", by_card(payer, payee, amount))
        made.append(answer.json())
    assert {payment["state"] for payment in made} == {"SUCCEEDED"}, made
    return [payment["id"] for payment in made]


async def posted(house: House, key: str) -> int:
    async with house.database.transaction(readonly=True) as tx:
        query = "SELECT debits_posted - credits_posted FROM ledger.account WHERE key = $1"
        return int(await tx.fetchval(query, key) or 0)


def tomorrow(house: House) -> date:
    """The civil day it was, with the clock on the afternoon of the next."""
    day = civil_date(house.clock.now())
    house.clock.advance(timedelta(days=1))
    return day


async def test_a_day_through_the_networks_own_bills(house: House, books: Desk) -> None:
    first, _ = await paid(house, 10_000, 2_500)
    wish = {"payment": first, "amount": 4_000}
    assert (await house.office.post("/v1/refunds", wish)).json()["state"] == "SUCCEEDED"
    today = civil_date(house.clock.now())
    assert await books.bills["sandbox"].fetch(BillKind.TRADE, today) is NoBill.LATER
    day = tomorrow(house)
    assert await advance(books, house.clock) == 2
    assert await advance(books, house.clock) == 0
    bills = (await house.office.get("/v1/bills", day=day.isoformat())).json()["data"]
    kinds = {bill["kind"]: bill for bill in bills}
    assert {k: b["state"] for k, b in kinds.items()} == {"FUND": "IN_FORCE", "TRADE": "IN_FORCE"}
    trade = (await house.office.get(f"/v1/bills/{kinds['TRADE']['id']}")).json()
    assert trade == kinds["TRADE"]
    assert trade["sums"] == [{
        "class": "MATCHED", "currency": "CNY", "lines": 3, "line_sum": 8_500,
        "fee_sum": 60 + 15 - 24, "payments": 3, "payment_sum": 8_500,
    }]  # fmt: skip
    file = await house.office.get(f"/v1/bills/{trade['id']}/file")
    assert (file.status_code, len(file.content)) == (200, trade["size"])
    # What was paid out is expected at the bank, to the fen what our books say the channel owes.
    [item] = (await house.office.get(ITEMS)).json()["data"]
    assert (item["leg"], item["state"], item["ours"]["amount"]) == ("BANK", "EXPECTED", 8_449)
    assert await posted(house, channel_key("sandbox", "CNY")) == 8_449
    await sound(house)


async def test_a_payment_nobody_told_us_of_is_resolved_by_the_bill(
    house: House, books: Desk
) -> None:
    payer, payee = await house.office.customer(), await house.office.merchant()
    order = by_card(payer, payee, 5_000, "tok_lose_answer")
    payment = (await house.office.post("/v1/payments", order)).json()
    assert payment["state"] == "UNKNOWN"
    tomorrow(house)
    await advance(books, house.clock)
    found = (await house.office.get(f"/v1/payments/{payment['id']}")).json()
    assert found["state"] == "SUCCEEDED"
    items = (await house.office.get(ITEMS, state="MATCHED")).json()["data"]
    assert [(i["class"], i["number"], i["by"]) for i in items] == [("LONG", payment["id"], "auto")]
    assert await posted(house, long_key("sandbox", "CNY")) == 0
    await sound(house)


async def take(house: House, books: Desk, content: bytes, day: date) -> Any:
    file = BillFile("sandbox", BillKind.TRADE, day, "by hand.jsonl", content)
    taken = await reconcile(books, file, by="stf_1", now=house.clock.now())
    await treat(house.tools, house.clock, "sandbox")
    return taken


async def trade_bill(house: House, books: Desk, day: date) -> bytes:
    file = await books.bills["sandbox"].fetch(BillKind.TRADE, day)
    assert isinstance(file, BillFile)
    return file.content


async def test_two_people_clear_what_is_posted(house: House, books: Desk) -> None:
    office, second = house.office, await house.client()
    await paid(house, 10_000)
    day = tomorrow(house)
    content = await trade_bill(house, books, day)
    odd = content.replace(b'"number":"pay_', b'"number":"pay_x', 1)
    await take(house, books, odd, day)
    long = (await office.get(ITEMS, state="POSTED")).json()["data"]
    assert [(i["class"], i["positions"], i["tasked"], i["acts"]) for i in long] == [
        ("LONG", {"CNY": 10_000}, True, ["CLEAR"])
    ]  # fmt: skip
    item = f"{ITEMS}/{long[0]['id']}"
    clear = {"act": "CLEAR", "target": "channel", "reason": "refunded by the network"}
    async with house.untouched():
        for wish, code in (
            ({**clear, "target": None}, "target_invalid"), ({**clear, "act": "POST"}, "item_state"),
            ({**clear, "target": "mer_01kaw000000000000000000000"}, "party_not_found"),
        ):  # fmt: skip
            assert (await office.post(f"{item}/treatments", wish)).json()["code"] == code
    made = (await office.post(f"{item}/treatments", clear)).json()
    path = f"{item}/treatments/{made['id']}"
    people = office.key, second.key
    assert await shown(house, Name.TREATMENT, *people) == [[], [made["id"]]]
    async with house.untouched():
        assert (await office.post(f"{path}/approve")).json()["code"] == "second_person_needed"
        assert (await second.post(f"{item}/treatments", clear)).json()["code"] == "treatment_open"
    done = await second.post(f"{path}/approve")
    assert (done.status_code, done.json()["state"]) == (200, "APPROVED")
    async with house.untouched():
        assert (await second.post(f"{path}/approve")).json()["code"] == "treatment_decided"
    assert await shown(house, Name.TREATMENT, *people) == [[], []]
    after = (await office.get(item)).json()
    assert (after["state"], len(after["entries"]), after["tasked"]) == ("CLEARED", 2, False)
    assert after["treatments"][0]["decided_by"] == second.key
    assert await posted(house, long_key("sandbox", "CNY")) == 0
    await sound(house)


async def test_another_file_for_a_day_takes_two_people_and_takes_back_the_first(
    house: House, books: Desk
) -> None:
    second = await house.client()
    await paid(house, 10_000, 300)
    day = tomorrow(house)
    content = await trade_bill(house, books, day)
    wrong = content.replace(b'"amount":300', b'"amount":301').replace(b":10300", b":10301")
    await take(house, books, wrong, day)
    assert await posted(house, channel_key("sandbox", "CNY")) == 10_301 - 62
    assert await posted(house, long_key("sandbox", "CNY")) == -1
    # The fund bill says 300: what the trade bill told too much is short again.
    await advance(books, house.clock)
    assert await posted(house, short_key("sandbox", "CNY")) == 1
    proposed = await take(house, books, content, day)
    assert (proposed.new, proposed.bill.state) == (True, "PROPOSED")
    path = f"/v1/bills/{proposed.bill.id}"
    people = proposed.bill.by, second.key
    assert await shown(house, Name.BILL, *people) == [[], [proposed.bill.id]]
    answer = await second.post(f"{path}/approve")
    assert (answer.status_code, answer.json()["state"]) == (200, "IN_FORCE"), answer.text
    assert [s["class"] for s in answer.json()["sums"]] == ["MATCHED"]
    assert await posted(house, channel_key("sandbox", "CNY")) == 10_300 - 62
    for key in (long_key, short_key):
        assert await posted(house, key("sandbox", "CNY")) == 0
    items = (await house.office.get(ITEMS)).json()["data"]
    assert sorted((i["leg"], i["class"], i["state"]) for i in items) == [
        ("BANK", "SHORT", "EXPECTED"), ("BANK", "SHORT", "VOID"),
        ("FUND", "AMOUNT_MISMATCH", "CLEARED"), ("TRADE", "AMOUNT_MISMATCH", "CLEARED"),
    ]  # fmt: skip
    async with house.untouched():
        again = await second.post(f"{path}/approve")
        assert (again.status_code, again.json()["code"]) == (409, "bill_decided")
    await sound(house)


async def test_a_bad_file_is_refused_and_nothing_is_written(house: House, books: Desk) -> None:
    await paid(house, 10_000, 300)
    day = tomorrow(house)
    good = await trade_bill(house, books, day)
    lines = good.splitlines(keepends=True)
    bad = {
        "cut short": good[:-20], "no tail": b"".join(lines[:-1]),
        "wrong sums": good.replace(b":10300", b":10301"),
        "wrong encoding": good.replace(b'"state":"DONE"', b'"state":"\xff\xfe"', 1),
        "gigantic field": good.replace(b'"reference":"', b'"reference":"' + b"x" * 5_000, 1),
        "another day": good.replace(day.isoformat().encode(), b"2020-01-01", 1),
        "a negative amount": good.replace(b'"amount":300', b'"amount":-300'),
        "no currency": good.replace(b'"CNY"', b'"ZZZ"', 1), "nothing at all": b"\n",
        "a row twice": b"".join([*lines[:2], lines[1], *lines[2:]]),
    }  # fmt: skip
    async with house.untouched():
        for name, content in bad.items():
            assert content != good, name
            with pytest.raises(Refused, match="bill_malformed"):
                await take(house, books, content, day)


async def treated(house: House, item: str, wish: dict[str, Any], verdict: str = "approve") -> Any:
    """The item once a second person has decided what the first proposed."""
    second = await house.client()
    made = await house.office.post(f"{ITEMS}/{item}/treatments", wish)
    assert made.status_code == 201, made.text
    path = f"{ITEMS}/{item}/treatments/{made.json()['id']}/{verdict}"
    answer = await second.post(path)
    assert answer.status_code == 200, answer.text
    return (await house.office.get(f"{ITEMS}/{item}")).json()


async def test_what_people_may_do_besides(house: House, books: Desk) -> None:
    office = house.office
    await paid(house, 10_000, 300)
    day = tomorrow(house)
    content = await trade_bill(house, books, day)
    shop = (await office.get("/v1/merchants")).json()["data"][0]["id"]
    none = b"".join([content.splitlines(keepends=True)[0], b'{"rows":0,"sums":{}}\n'])
    await take(house, books, none, day)
    doubt = (await office.get(ITEMS, state="IN_DOUBT")).json()["data"]
    first, second = (item["id"] for item in doubt)
    assert [item["acts"] for item in doubt] == [["POST", "VOID", "QUERY"]] * 2
    why = {"reason": "the network's letter of today"}
    async with house.untouched():
        clear = {"act": "CLEAR", "target": "result", **why}
        refused = await office.post(f"{ITEMS}/{first}/treatments", clear)
        assert (refused.status_code, refused.json()["code"]) == (409, "item_state")
    asked = await treated(house, first, {"act": "QUERY", **why})
    assert (asked["state"], house.wire.sent[-1]) == ("IN_DOUBT", "/v1/payments/query")
    declined = await treated(house, first, {"act": "POST", **why}, "decline")
    assert (declined["state"], declined["treatments"][1]["state"]) == ("IN_DOUBT", "DECLINED")
    forced = await treated(house, first, {"act": "POST", **why})
    assert (forced["state"], forced["by"], forced["tasked"]) == ("POSTED", office.key, True)
    before = (await office.balance(shop))[0]
    taken = await treated(house, first, {"act": "CLEAR", "target": shop, **why})
    short = -taken["positions"]["CNY"]
    assert (taken["state"], (await office.balance(shop))[0]) == ("CLEARED", before - short)
    void = await treated(house, second, {"act": "VOID", **why})
    assert (void["state"], void["by"]) == ("VOID", office.key)
    assert await posted(house, short_key("sandbox", "CNY")) == 0
    await sound(house)
