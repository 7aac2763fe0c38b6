"""A market on the test clock."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.journey.conftest import House
from tests.journey.settlement.market import BEGAN, Market
from tests.journey.town import Cable

from anfu.channels.banks.client import HttpBank
from anfu.channels.banks.port import Party, ReserveAccount
from anfu.channels.banks.simulator import BankSimulator
from anfu.channels.sandbox.messages import Identity
from anfu.channels.signed import SignedLine
from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SeededEntropy

DEPOSIT = 90_000_000


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(BEGAN)


@pytest.fixture
async def market(house: House) -> AsyncIterator[Market]:
    ours, theirs = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (5, 6))
    peer = Identity("bank", theirs, "anfu", ours.public_key())
    bank = BankSimulator(peer, clock=house.clock, entropy=SeededEntropy(11))
    cable = Cable(bank)
    line = SignedLine(
        "http://bank", Identity("anfu", ours, "bank", theirs.public_key()), clock=house.clock,
        entropy=house.tools.entropy, timeout_s=1, transport=cable,
    )  # fmt: skip
    reserve = ReserveAccount(HttpBank(line), Party("安付支付有限公司", "1101014", "309391000011"))
    object.__setattr__(house.tools, "reserve", reserve)
    payer = await house.office.customer(deposit=DEPOSIT)
    bank.deposit(DEPOSIT, BEGAN.date())
    yield Market(house, bank, cable, await house.client(), payer)
    await line.aclose()
