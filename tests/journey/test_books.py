"""The books over the API: the chart, entries of an account and of a payment, the trial balance."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.journey.conftest import House, by_card

from anfu.entrypoints.worker.rounds import carry_books


async def test_the_books_of_a_small_day(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(deposit=10_000), await office.merchant()
    one = await office.pay(payer, payee, 4_000)
    before = house.clock.now()
    house.clock.advance(timedelta(hours=1))
    two = (await office.post("/v1/payments", by_card(payer, payee, 700))).json()
    back = await office.post("/v1/refunds", {"payment": one["id"], "amount": 1_500})
    refund = back.json()["id"]

    chart = (await office.get("/v1/accounts", owner=payee)).json()
    assert (f"{payee}:balance:CNY", 3_200, 3_200) in [
        (a["id"], a["posted"], a["available"]) for a in chart["data"]
    ]
    assert {a["owner"] for a in chart["data"]} == {payee}
    page = (await office.get("/v1/accounts", kind="balance", limit=1)).json()
    assert [a["owner"] for a in page["data"]] == [payer]
    assert page["more"] is True
    rest = await office.get("/v1/accounts", kind="balance", after=page["data"][0]["id"])
    assert [a["owner"] for a in rest.json()["data"]] == [payee]
    assert (await office.get("/v1/accounts", kind="balance", currency="EUR")).json()["data"] == []

    whole = (await office.get(f"/v1/accounts/{payee}:balance:CNY")).json()
    assert whole == {
        "id": f"{payee}:balance:CNY", "object": "account", "owner": payee, "kind": "balance",
        "currency": "CNY", "normal": "CREDIT", "posted": 3_200, "available": 3_200,
        "debits_posted": 1_500, "credits_posted": 4_700, "debits_pending": 0,
        "credits_pending": 0,
    }  # fmt: skip
    await entries_of(house, (payer, payee), (one["id"], two["id"], refund))

    house.clock.advance(timedelta(minutes=12))
    assert await carry_books(house.tools, house.clock) == 1
    assert await house.count("ledger.carried") == 1
    assert await sums(house) == {
        "balance": 10_700, "bank": -10_000, "channel-sandbox": -700, "strays": 0,
    }  # fmt: skip
    assert await sums(house, before.isoformat()) == {
        "balance": 10_000, "bank": -10_000, "channel-sandbox": 0, "strays": 0,
    }  # fmt: skip


async def entries_of(house: House, parties: tuple[str, str], made: tuple[str, str, str]) -> None:
    """Of the payee's account and of two payments and a refund, page by page."""
    office, (payer, payee), (one, two, refund) = house.office, parties, made
    entries = f"/v1/accounts/{payee}:balance:CNY/entries"
    first = (await office.get(entries, limit=2)).json()
    assert [(e["id"], e["amount"], e["held"]) for e in first["data"]] == [
        (refund, 1_500, None), (two, 700, 700),
    ]  # fmt: skip
    last = (await office.get(entries, after=first["next"])).json()
    assert [(e["debit"], e["amount"]) for e in last["data"]] == [(f"{payer}:balance:CNY", 4_000)]
    assert (last["more"], last["next"]) == (False, None)

    left = (await office.get(f"/v1/payments/{one}/entries")).json()
    assert [(e["id"], e["amount"]) for e in left["entries"]] == [(one, 4_000),
                                                                (refund, 1_500)]  # fmt: skip
    assert left["holds"] == []
    held = (await office.get(f"/v1/payments/{two}/entries")).json()["holds"]
    assert [(h["id"], h["state"], h["posted"]) for h in held] == [(two, "POSTED", 700)]


async def sums(house: House, at: str | None = None) -> dict[str, int]:
    """The balance of each kind that is not of settling; debits and credits are always equal."""
    query = {} if at is None else {"at": at}
    answer = await house.office.get("/v1/trial-balance", **query)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    (currency,) = document["currencies"]
    assert (currency["currency"], currency["difference"]) == ("CNY", 0)
    assert currency["debits"] == currency["credits"] > 0
    kinds = {one["kind"]: one["balance"] for one in document["kinds"]}
    return {kind: kinds[kind] for kind in ("balance", "bank", "channel-sandbox", "strays")}


async def test_the_books_are_the_institution_s_and_refusals_change_nothing(house: House) -> None:
    office = house.office
    merchant = await house.client(merchant=await office.merchant())
    tomorrow = (house.clock.now() + timedelta(days=1)).isoformat()
    async with house.untouched():
        for path in ("/v1/accounts", "/v1/accounts/a:b:CNY", "/v1/accounts/a:b:CNY/entries",
                     "/v1/payments/pay_x/entries", "/v1/trial-balance"):  # fmt: skip
            answer = await merchant.get(path)
            assert (answer.status_code, answer.json()["code"]) == (403, "institution_only"), path
        for path, query, code in (
            ("/v1/accounts/a:b:CNY", {}, "account_not_found"),
            ("/v1/accounts/a:b:CNY/entries", {}, "account_not_found"),
            ("/v1/payments/pay_x/entries", {}, "payment_not_found"),
            ("/v1/trial-balance", {"at": tomorrow}, "query_invalid"),
        ):  # fmt: skip
            assert (await office.get(path, **query)).json()["code"] == code
        paid = (await office.get("/v1/accounts", limit=1)).json()["data"][0]["id"]
        wrong = await office.get(f"/v1/accounts/{paid}/entries", after="nonsense")
        assert wrong.json()["code"] == "cursor_invalid"
