"""Batches that pay at once and through a channel, side by side: none waits for ever."""

from __future__ import annotations

import asyncio

from anfu.kernel.clock import ManualClock
from anfu.ledger.account import Account, Side
from anfu.ledger.operations import open_accounts
from anfu.ledger.queries import find_discrepancies, trial_balance
from anfu.limits.rulebook import shipped_rules
from anfu.parties.party import Party
from anfu.payments.fund import balance_account, fund, institution_accounts
from anfu.payments.payment import BALANCE, Payment, State
from anfu.storage.database import Database

ROUNDS, SHOPS = 25, 4


def payment(clock: ManualClock, number: int, shop: int, method: str) -> Payment:
    now = clock.now()
    state = State.SUCCEEDED if method == BALANCE else State.SENDING
    payer = f"cus_{number}"
    id_ = f"pay_{number}_{shop}_{method}"
    return Payment(id_, state, payer, f"mer_{shop}", 1, "CNY", method, now, now, now)


async def test_batches_with_both_kinds_of_payment_do_not_deadlock(
    database: Database, clock: ManualClock
) -> None:
    rich = [Account(f"cus_{n}/balance/CNY", "CNY", Side.CREDIT, True) for n in range(4 * ROUNDS)]
    shops = [balance_account(f"mer_{n}", "CNY") for n in range(SHOPS)]
    accounts = [*institution_accounts("CNY", ["sandbox"]), *rich, *shops]
    async with database.transaction() as tx:
        await open_accounts(tx, accounts=accounts, now=clock.now())

    people = {f"cus_{n}": Party(f"cus_{n}", "CUSTOMER", True, 3, ()) for n in range(4 * ROUNDS)}

    async def batch(number: int) -> None:
        """Pays one shop at once and another through the channel."""
        one, other = number % SHOPS, (number + 1) % SHOPS
        payments = [
            payment(clock, number, one, BALANCE),
            payment(clock, number, other, "sandbox"),
        ]
        async with database.transaction() as tx:  # not `run`, which would begin again
            funding = await fund(
                tx, payments=payments, parties=people, rules=shipped_rules(), now=clock.now()
            )
            await funding.write(tx, now=clock.now())
        assert [p.state for p in funding.payments] == [State.SUCCEEDED, State.SENDING]

    for turn in range(ROUNDS):
        await asyncio.gather(*(batch(4 * turn + n) for n in range(4)))
    async with database.transaction(readonly=True) as tx:
        (sums,) = await trial_balance(tx)
        assert (sums.entries, sums.holds) == (4 * ROUNDS, 4 * ROUNDS)
        assert sums.imbalance == sums.unexplained == 0
        assert await find_discrepancies(tx) == []
