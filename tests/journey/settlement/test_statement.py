"""A merchant's statement adds up to the ledger, to the fen."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

from tests.journey.settlement.market import Market

from anfu.ledger.queries import balance_at
from anfu.settlement.terms.cycle import T1, until


async def test_no_other_period(market: Market) -> None:
    merchant = await market.house.office.merchant()
    async with market.house.untouched():
        for period in ("2026", "2026-13", "2026-02-30", "2026-2-1", "x"):
            path = f"/v1/merchants/{merchant}/statements/{period}"
            answer = await market.house.office.get(path)
            assert (answer.status_code, answer.json()["code"]) == (422, "period_invalid")


async def test_a_statement_of_a_month_adds_up_to_the_ledger(market: Market) -> None:
    merchant = await market.merchant(
        "<b>Tea</b>", minimum=5_000, retention={"rate_bp": 1_000, "days": 2}
    )
    payments = []
    for day, amounts in ((11, (10_000, 333)), (12, (77,)), (17, (9_999, 1)), (20, ())):
        market.at(date(2026, 2, day))
        payments += await market.sell(merchant, *amounts)
        if day in (12, 17):
            await market.refund(payments[0], 50 if day == 12 else 1_234)
        await market.settle(date(2026, 2, day))
    await market.settle(date(2026, 2, 23))
    path = f"/v1/merchants/{merchant}/statements/2026-02"
    answer = await market.house.office.get(path)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    kinds = [row["kind"] for row in rows]
    assert (kinds.count("PAYMENT"), kinds.count("REFUND"), kinds.count("PAID")) == (5, 2, 3)
    net = {row: Decimal(row_["net"]) for row, row_ in enumerate(rows)}
    running = Decimal(0)
    for number, row in enumerate(rows):
        if row["kind"] == "CARRIED_IN":
            running = net[number]
        elif row["kind"] == "CARRIED_OUT":
            assert net[number] == running
        else:
            running += net[number]
    async with market.house.database.transaction(readonly=True) as tx:
        balance = await balance_at(tx, f"{merchant}/balance/CNY", until(T1, date(2026, 3, 1)))
    assert running == Decimal(balance) / 100
    page = (await market.house.office.get(f"{path}/page")).text
    assert "&lt;b&gt;Tea&lt;/b&gt;" in page
    assert "<b>Tea" not in page
    assert f'id="carried_out">{running}<' in page
    assert page.count("<tr class=") == len(rows)


async def test_a_merchant_reads_its_own_and_no_other(market: Market) -> None:
    mine, other = await market.merchant("Mine"), await market.merchant("Other")
    market.at(date(2026, 2, 11))
    await market.sell(mine, 1_000)
    await market.sell(other, 1_000)
    await market.settle(date(2026, 2, 11))
    shop = await market.house.client(merchant=mine)
    listed = (await shop.get("/v1/settlements", merchant=other)).json()["data"]
    assert [one["merchant"] for one in listed] == [mine]
    payouts = (await shop.get("/v1/payouts")).json()["data"]
    assert [one["merchant"] for one in payouts] == [mine]
    theirs = (await market.house.office.get("/v1/settlements", merchant=other)).json()["data"]
    for path in (f"/v1/settlements/{theirs[0]['id']}", f"/v1/merchants/{other}/statements/2026-02",
                 f"/v1/merchants/{other}/settlement-terms"):  # fmt: skip
        assert (await shop.get(path)).status_code == 404
    terms = (await shop.get(f"/v1/merchants/{mine}/settlement-terms")).json()["data"]
    assert terms[0]["account"]["number"] != "35001234567890123456"
