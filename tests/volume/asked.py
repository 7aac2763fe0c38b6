"""What the console's pages ask, with the names of things that are there put in."""

from __future__ import annotations

from dataclasses import dataclass

from tests.journey.conftest import House

WHY = {"Anfu-Reason": "measured"}


@dataclass(frozen=True, slots=True)
class Known:
    """One of each."""

    payment: str
    payer: str
    hot: str
    order: str
    refund: str
    case: str
    middle: str
    noon: str = "2026-11-08T04:00:00Z"
    later: str = "2026-11-09T04:00:00Z"


async def known_of(house: House) -> Known:
    """Of the filled database; `middle`: a payment of the middle of the month."""
    async with house.database.transaction(readonly=True) as tx:
        hot = await tx.fetchval(
            "SELECT payee FROM payments.payment WHERE id > (SELECT max(id) FROM payments.payment"
            " WHERE created_at < '2026-11-20 04:00+00' AND id < 'pay_01z') GROUP BY payee"
            " ORDER BY count(*) DESC LIMIT 1"
        )
        middle = await tx.fetchrow(
            "SELECT id, payer, merchant_order FROM payments.payment"
            " WHERE state = 'SUCCEEDED' AND merchant_order IS NOT NULL"
            " ORDER BY id OFFSET 1000 LIMIT 1"
        )
        refund = await tx.fetchval("SELECT max(id) FROM payments.refund")
        case = await tx.fetchval("SELECT max(id) FROM risk.case")
    return Known(
        middle["id"], middle["payer"], hot, middle["merchant_order"], refund, case, middle["id"]
    )


PAGES = (
    "/v1/overview/targets",
    "/v1/overview/activity?span=hour",
    "/v1/overview/activity?span=day",
    "/v1/overview/activity?span=month",
    "/v1/payments?limit=100",
    "/v1/payments?limit=100&after={middle}",
    "/v1/payments?limit=100&state=FAILED",
    "/v1/payments?limit=100&state=IN_REVIEW",
    "/v1/payments?limit=100&method=sandbox&state=SUCCEEDED",
    "/v1/payments?limit=100&channel=sandbox&state=UNKNOWN",
    "/v1/payments?limit=100&payee={hot}",
    "/v1/payments?limit=100&payee={hot}&state=REFUSED",
    "/v1/payments?limit=100&party={payer}",
    "/v1/payments?limit=100&payer={payer}&payee={hot}",
    "/v1/payments?limit=100&order={order}",
    "/v1/payments?limit=100&least=50000",
    "/v1/payments?limit=100&least=99999",
    "/v1/payments?limit=100&from={noon}&until={later}&state=BLOCKED",
    "/v1/payments?limit=100&reason=stolen_card",
    "/v1/payments?limit=100&reason=nothing_of_the_kind",
    "/v1/payments?limit=100&scene=H5",
    "/v1/payments/{payment}",
    "/v1/payments/{payment}/entries",
    "/v1/refunds?limit=100",
    "/v1/refunds?limit=100&merchant={hot}",
    "/v1/refunds?limit=100&state=FAILED",
    "/v1/refunds?payment={payment}",
    "/v1/customers?limit=100",
    "/v1/customers?limit=100&account_class=2",
    "/v1/customers?limit=100&status=SUSPENDED",
    "/v1/customers/{payer}",
    "/v1/merchants?limit=100",
    "/v1/devices?payer={payer}",
    "/v1/decisions?limit=100",
    "/v1/decisions?limit=100&outcome=BLOCK",
    "/v1/decisions?limit=100&reason=NOTHING_OF_THE_KIND",
    "/v1/cases?limit=100",
    "/v1/cases?limit=100&state=CLOSED",
    "/v1/cases?grade=HIGH&late=true",
    "/v1/cases/figures?days=30",
    "/v1/deliveries?limit=100",
    "/v1/deliveries?limit=100&state=DEAD",
    "/v1/events?limit=100",
    "/v1/accounts?limit=100",
    "/v1/accounts?limit=100&owner=anfu",
    "/v1/accounts?limit=100&kind=channel-sandbox",
    "/v1/accounts/{hot}:balance:CNY/entries?limit=100",
    "/v1/accounts/anfu:channel-sandbox:CNY/entries?limit=100",
    "/v1/trial-balance",
    "/v1/trial-balance?at=2026-11-22T16:00:00Z",
    "/v1/trial-balance?at=2026-11-08T16:00:00Z",
    "/v1/search?q={payment}",
    "/v1/search?q={order}",
    "/v1/search?q={refund}",
    "/v1/search?q={case}",
    "/v1/search?q={payer}",
    "/v1/search?q=13900000017",
    "/v1/search?q=B00000017",
    "/v1/search?q=shop",
)
