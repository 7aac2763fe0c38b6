"""What a personal field allows, every figure made of it keeps to."""

from __future__ import annotations

import pytest

from anfu.kernel.errors import Refused
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.decision import condition_of
from anfu.risk.features import (
    INPUTS,
    Aggregate,
    Entity,
    Feature,
    Purpose,
    make_catalogue,
    read_catalogue,
)
from anfu.risk.purposes import PERSONAL, purposes
from anfu.risk.rules import Grade, Rule, default_rule_set

ALL, FRAUD = frozenset(Purpose), frozenset({Purpose.ANTI_FRAUD})
GENERAL, CREDIT, MARKETING = Purpose.GENERAL, Purpose.CREDIT, Purpose.MARKETING
# Inputs that say nothing of a person.
OPEN = {"event", "kind", "at", "amount", "currency", "method", "payee_kind", "mcc", "promotion"}


def rule(condition: str, purpose: Purpose) -> Rule:
    return Rule(id="r1", grade=Grade.LOW, points=1, condition=condition, reason="R1", en="en",
                zh="中", purpose=purpose)  # fmt: skip


def test_every_input_is_personal_or_says_nothing_of_a_person() -> None:
    assert PERSONAL.keys() | OPEN == {i.name for i in INPUTS}
    assert PERSONAL.keys() & OPEN == set()
    assert all(Purpose.ANTI_FRAUD in allowed for allowed in PERSONAL.values())


@pytest.mark.parametrize(
    ("fact", "allowed"),
    [
        ("amount", ALL),
        ("payer_count_24h", ALL),
        ("device", FRAUD),
        ("latitude", FRAUD),
        ("card", frozenset({GENERAL, Purpose.ANTI_FRAUD})),
        ("phone", frozenset({GENERAL, Purpose.ANTI_FRAUD, CREDIT})),
        ("device_count_1h", FRAUD),  # declared
        ("payer_devices_24h", FRAUD),  # of the payer, yet of devices
        ("distance_km", FRAUD),  # of places
        ("model_score", FRAUD),
    ],
)
def test_a_fact_allows_what_all_its_fields_allow(fact: str, allowed: frozenset[Purpose]) -> None:
    assert purposes(CATALOGUE)[fact] == allowed


def test_a_field_hidden_in_a_condition_or_a_pair_locks_the_figure() -> None:
    made = make_catalogue(
        [
            Feature("a", Entity.PAYER, Aggregate.COUNT, "n", "e", "中", 60,
                    condition="address = '10.0.0.1'"),
            Feature("b", Entity.PAYER, Aggregate.COUNT, "n", "e", "中", 60, also=Entity.TERMINAL),
            Feature("c", Entity.PAYEE, Aggregate.COUNT, "n", "e", "中", 60, by=Entity.PAYER),
            Feature("d", Entity.PAYER, Aggregate.DISTINCT, "n", "e", "中", 60, field="card"),
        ]
    )  # fmt: skip
    allowed = purposes(read_catalogue(made.body))
    assert [allowed[name] for name in "abcd"] == [FRAUD, FRAUD, ALL, PERSONAL["card"]]


@pytest.mark.parametrize(
    ("condition", "purpose", "locked"),
    [
        ("device = 'x' AND amount > 5", MARKETING, ["device"]),
        ("payer_devices_24h > 3", CREDIT, ["payer_devices_24h"]),
        ("phone = 'x'", MARKETING, ["phone"]),
        ("card = 'x' AND latitude > 1", CREDIT, ["card", "latitude"]),
        ("phone = 'x' AND payer_count_24h > 2", CREDIT, []),
        ("card = 'x'", GENERAL, []),
        ("payer_count_24h > 2", MARKETING, []),
        ("device = 'x' AND latitude > 1 AND model_score > 0.5", Purpose.ANTI_FRAUD, []),
    ],
)
def test_a_rule_reads_only_what_its_purpose_may(
    condition: str, purpose: Purpose, locked: list[str]
) -> None:
    if not locked:
        assert condition_of(rule(condition, purpose), CATALOGUE).names
        return
    with pytest.raises(Refused, match="purpose_locked") as refused:
        condition_of(rule(condition, purpose), CATALOGUE)
    assert refused.value.details == {"names": locked, "rule": "r1", "purpose": purpose.value}


def test_the_rules_we_ship_are_against_fraud_and_may_read_everything() -> None:
    for shipped in default_rule_set().rules:
        assert shipped.purpose is Purpose.ANTI_FRAUD
        assert condition_of(shipped, CATALOGUE, lists=None).names
