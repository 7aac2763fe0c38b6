"""A key ring and a merchant for the tests of parties."""

from __future__ import annotations

import pytest

from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SeededEntropy
from anfu.parties.keyring import KeyRing, Sealer
from anfu.parties.operations import create_merchant
from anfu.storage.database import Database


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing.generate(SeededEntropy(11))


@pytest.fixture
def sealer(ring: KeyRing, entropy: SeededEntropy) -> Sealer:
    return Sealer(ring, entropy)


@pytest.fixture
async def shop(database: Database, entropy: SeededEntropy, clock: ManualClock) -> str:
    async with database.transaction() as tx:
        made = await create_merchant(tx, name="小店", mcc="5411", entropy=entropy, now=clock.now())
    return made.id
