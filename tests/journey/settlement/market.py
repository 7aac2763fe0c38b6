"""A house in the February of 2026 with a bank: what settling is tested against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tests.journey.conftest import Client, House
from tests.journey.town import Cable

from anfu.channels.banks.simulator import BankSimulator
from anfu.compliance.switch import is_allowed
from anfu.kernel.periods import SHANGHAI
from anfu.ledger.queries import find_balances
from anfu.settlement.cycles.settle import Run, settle_day
from anfu.settlement.cycles.settlement import Settlement
from anfu.settlement.payouts.gather import gather
from anfu.settlement.payouts.send import ask_again, send_released

BEGAN = datetime(2026, 2, 10, 1, tzinfo=UTC)
HOLDER, NUMBER = "福州街角茶饮有限公司", "35001234567890123456"
FLAT = {"tiers": [{"volume": 0, "rate_bp": 60}]}
FREE = {"tiers": [{"volume": 0, "rate_bp": 0}]}


def form(**more: Any) -> dict[str, Any]:
    """Terms from the first day on: T+1, 60 basis points."""
    number = more.pop("number", NUMBER)
    return {
        "from_day": "2026-02-10", "cycle": {"kind": "NEXT_WORKING_DAY"}, "fee": FLAT,
        "account": {"holder": HOLDER, "number": number, "bank": "福州银行",
                    "bank_code": "313391080007"},
        "reason": "contract", **more,
    }  # fmt: skip


@dataclass
class Market:
    """`second` is another person of the institution; `payer` has money."""

    house: House
    bank: BankSimulator
    cable: Cable
    second: Client
    payer: str

    async def merchant(self, name: str = "Corner Tea", **terms: Any) -> str:
        """A merchant with terms in force."""
        made = await self.house.office.merchant(name)
        await self.agree(made, **terms)
        return made

    async def agree(self, merchant: str, **terms: Any) -> None:
        path = f"/v1/merchants/{merchant}/settlement-terms"
        proposed = await self.house.office.post(path, form(**terms))
        assert proposed.status_code == 201, proposed.text
        approved = await self.second.post(f"{path}/{proposed.json()['id']}/approve", {})
        assert approved.status_code == 200, approved.text

    def at(self, day: date, hour: int = 12) -> None:
        """Let it be an hour of a civil day."""
        moment = datetime.combine(day, time(hour), SHANGHAI).astimezone(UTC)
        if moment > self.house.clock.now():
            self.house.clock.set(moment)

    async def sell(self, merchant: str, *amounts: int) -> list[str]:
        """A payment of each amount, now."""
        made = []
        for amount in amounts:
            paid = await self.house.office.pay(self.payer, merchant, amount)
            assert paid["state"] == "SUCCEEDED", paid
            made.append(str(paid["id"]))
        return made

    async def refund(self, payment: str, amount: int) -> None:
        answer = await self.house.office.post("/v1/refunds", {"payment": payment, "amount": amount})
        assert answer.status_code == 201, answer.text

    async def settle(self, day: date) -> list[Settlement]:
        """Settle a day, on the morning after it at the earliest."""
        self.at(day + timedelta(days=1), 1)
        now = self.house.clock.now()
        return await settle_day(self.house.tools, Run(day, is_allowed), now=now)

    async def one(self, day: date) -> Settlement:
        (made,) = await self.settle(day)
        return made

    async def pay_out(self, day: date) -> None:
        """Gather, release and send what is payable."""
        self.at(day, 9)
        tools, clock = self.house.tools, self.house.clock
        for batch in await gather(tools, day, now=clock.now()):
            if batch.people:
                await self.release(batch.id)
        await send_released(tools, clock)

    async def release(self, batch: str) -> None:
        for person in (self.house.office, self.second):
            answer = await person.post(f"/v1/payout-batches/{batch}/release", {})
            assert answer.status_code == 200, answer.text

    async def ask(self) -> int:
        """Ask about what is open, after a while."""
        self.house.clock.advance(timedelta(minutes=6))
        return await ask_again(self.house.tools, self.house.clock)

    async def payouts(self, **query: Any) -> list[dict[str, Any]]:
        answer = await self.house.office.get("/v1/payouts", **query)
        return list(answer.json()["data"])

    async def tasks(self) -> list[tuple[str, str, dict[str, Any]]]:
        answer = await self.house.office.get("/v1/tasks", done="false")
        return [(t["kind"], t["subject"], t["detail"]) for t in answer.json()["data"]]

    async def posted(self, *keys: str) -> tuple[int, ...]:
        """What stands on accounts, 0 where there is none."""
        async with self.house.database.transaction(readonly=True) as tx:
            found = await find_balances(tx, keys)
        return tuple(found[key].posted if key in found else 0 for key in keys)

    async def stands(self, merchant: str) -> tuple[int, ...]:
        """Balance, retention and arrears of a merchant; payouts in transit and fees."""
        own = [f"{merchant}/{purpose}/CNY" for purpose in ("balance", "retention", "arrears")]
        return await self.posted(*own, "anfu/payouts/CNY", "anfu/fees/CNY")
