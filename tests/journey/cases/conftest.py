"""A house that holds every payment of 100 yuan and more, and blocks those of 7 fen."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.journey.conftest import House, open_house

from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SeededEntropy
from anfu.payments.tools import Policy
from anfu.risk.operations import publish
from anfu.risk.rules import Grade, Rule, Thresholds, make_rule_set
from anfu.storage.database import Database

RULES = make_rule_set(
    [
        Rule("large", "amount >= 10000", Grade.HIGH, 700, "LARGE", "A large amount.", "金额较大。"),
        Rule("seven", "amount = 7", Grade.GENERAL, 400, "SEVEN", "Seven fen.", "七分钱。"),
    ],
    Thresholds(300, 400, 700),
)


@pytest.fixture
async def house(
    database: Database, clock: ManualClock, entropy: SeededEntropy, policy: Policy
) -> AsyncIterator[House]:
    async with open_house(database, clock=clock, entropy=entropy, policy=policy) as opened:
        engine = opened.tools.engine
        engine.use(RULES)
        await database.run(
            lambda tx: publish(tx, catalogue=engine.catalogue, rule_set=engine.rule_set)
        )
        yield opened
