"""The registry of firms over its wire: what it says of a firm, and what is not believed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anfu.channels.registries.client import HttpRegistry
from anfu.channels.registries.port import Finding, FirmState, Inquiry
from anfu.channels.registries.simulator import RegistrySimulator, Trouble
from anfu.channels.sandbox.messages import Identity
from anfu.channels.signed import SignedLine
from anfu.kernel.clock import ManualClock
from anfu.kernel.errors import Outcome
from anfu.kernel.ids import SeededEntropy

CODE = "91350100M000100Y43"
FACTS = {"credit_code": CODE, "name": "福州安付测试有限公司", "representative": "林平"}


@dataclass
class Office:
    """The registry and the line to it."""

    simulator: RegistrySimulator
    registry: HttpRegistry
    rogue: Identity


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    ours, theirs, other = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3))
    clock = ManualClock(datetime(2026, 11, 23, 4, tzinfo=UTC))
    peer = Identity("registry", theirs, "anfu", ours.public_key())
    made = RegistrySimulator(
        "state_registry", peer, clock=clock, entropy=SeededEntropy(1), found_by="credit_code"
    )
    made.records[CODE], made.states[CODE] = FACTS, FirmState.IN_BUSINESS
    line = SignedLine(
        "http://registry", Identity("anfu", ours, "registry", theirs.public_key()), clock=clock,
        entropy=SeededEntropy(2), timeout_s=0.2, transport=httpx.ASGITransport(made.app),
    )  # fmt: skip
    yield Office(made, HttpRegistry(line), Identity("registry", other, "anfu", ours.public_key()))
    await line.aclose()


@pytest.mark.parametrize("state", list(FirmState))
async def test_a_firm_on_record_is_confirmed_with_its_state(
    office: Office, state: FirmState
) -> None:
    office.simulator.states[CODE] = state
    said = await office.registry.inquire(Inquiry("ver_1", FACTS))
    assert said == Finding(Outcome.DONE, None, "state_registry", None, state)


@pytest.mark.parametrize(
    ("change", "reason", "state"),
    [
        ({"name": "福州安付有限公司"}, "name_differs", FirmState.IN_BUSINESS),
        ({"representative": "林安"}, "representative_differs", FirmState.IN_BUSINESS),
        ({"credit_code": "91000000000000000K"}, "not_on_record", None),
    ],
)
async def test_another_firm_is_contradicted(
    office: Office, change: dict[str, str], reason: str, state: FirmState | None
) -> None:
    said = await office.registry.inquire(Inquiry("ver_1", {**FACTS, **change}))
    assert said == Finding(Outcome.NOT_DONE, reason, "state_registry", None, state)


@pytest.mark.parametrize("trouble", ["slow", "failed", "forged"])
async def test_what_cannot_be_trusted_is_unknown(office: Office, trouble: str) -> None:
    office.simulator.trouble, reason = {
        "slow": (Trouble(delay_s=0.5), "timed_out"),
        "failed": (Trouble(status=503), "http_503"),
        "forged": (Trouble(signer=office.rogue), "message_forged"),
    }[trouble]
    said = await office.registry.inquire(Inquiry("ver_1", FACTS))
    assert said == Finding(Outcome.UNKNOWN, reason)


async def test_a_state_nobody_knows_is_no_answer(office: Office) -> None:
    office.simulator.states[CODE] = "SLEEPING"  # type: ignore[assignment]
    said = await office.registry.inquire(Inquiry("ver_1", FACTS))
    assert said == Finding(Outcome.UNKNOWN, "answer_malformed")


async def test_the_first_answer_to_a_question_stands(office: Office) -> None:
    first = await office.registry.inquire(Inquiry("ver_1", FACTS))
    office.simulator.states[CODE] = FirmState.REVOKED
    assert await office.registry.inquire(Inquiry("ver_1", FACTS)) == first
    later = await office.registry.inquire(Inquiry("ver_2", FACTS))
    assert later.firm_state is FirmState.REVOKED
