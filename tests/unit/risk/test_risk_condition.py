"""What the rule language takes, what it refuses, and NULL."""

from __future__ import annotations

from typing import Any

import pytest

from anfu.kernel.errors import Refused
from anfu.risk.compiled import compile_conditions
from anfu.risk.condition import read_condition
from anfu.risk.facts import Fact, Type

FACTS = [
    Fact("amount", Type.INTEGER, nullable=False),
    Fact("count", Type.INTEGER),
    Fact("km", Type.DOUBLE),
    Fact("card", Type.TEXT),
    Fact("flag", Type.BOOLEAN),
]


def holds(
    text: str, *, amount: int = 5, count: Any = None, km: Any = None, card: Any = None
) -> bool:
    fire = compile_conditions([read_condition(text, FACTS)], FACTS)
    return fire((amount, count, km, card, None)) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "condition_syntax"),
        ("amount >", "condition_syntax"),
        ("amount > 1 LIMIT 3", "condition_not_allowed"),
        ("amount > 1 UNION SELECT 1", "condition_not_allowed"),
        ("amount > 1; DROP TABLE risk.decision", "condition_not_allowed"),
        ("amount IN (SELECT 1)", "condition_not_allowed"),
        ("EXISTS (SELECT 1)", "condition_not_allowed"),
        ("SUM(amount) > 1", "condition_not_allowed"),
        ("read_text('/etc/passwd') = card", "condition_not_allowed"),
        ("risk.amount > 1", "condition_not_allowed"),
        ("CAST(card AS BIGINT) > 1", "condition_not_allowed"),
        ("card LIKE 'a%'", "condition_not_allowed"),
        ("amount > $1", "condition_not_allowed"),
        ("amount > 1e5", "condition_not_allowed"),
        ("amount > 9007199254740992", "condition_not_allowed"),
        ("(amount > 1) = (count > 1)", "condition_not_allowed"),
        ("count IN (amount)", "condition_not_allowed"),
        ("CASE WHEN amount > 1 THEN TRUE END", "condition_not_allowed"),
        ("__import__('os').system('x') = 1", "condition_not_allowed"),
        ("card > 5", "condition_type"),
        ("card + 1 > 5", "condition_type"),
        ("amount", "condition_type"),
        ("amount AND flag", "condition_type"),
        ("card IS TRUE", "condition_type"),
        ("amont > 1", "fact_unknown"),
        ("Amount > 1", "fact_unknown"),
        ("amount > " + "1 + " * 80 + "1", "condition_too_deep"),
        ("(" * 1_500 + "amount > 1" + ")" * 1_500, "condition_syntax"),
        ("amount > 1 OR " * 400 + "flag", "condition_too_long"),
    ],
)
def test_what_is_not_the_language_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        read_condition(text, FACTS)
    assert caught.value.code == code


def test_an_unknown_name_comes_with_the_nearest() -> None:
    with pytest.raises(Refused) as caught:
        read_condition("amont > 1", FACTS)
    assert caught.value.details == {"name": "amont", "nearest": "amount"}


def test_null_is_neither_true_nor_false() -> None:
    assert not holds("count > 3")
    assert not holds("NOT count > 3")
    assert holds("count IS NULL")
    assert holds("count > 3 OR amount = 5")
    assert not holds("count > 3 AND amount = 5")
    assert holds("NOT (count > 3 AND amount = 6)")
    assert not holds("card NOT IN ('a', NULL)", card="b")
    assert holds("card IN ('a', NULL)", card="a")
    assert holds("amount NOT BETWEEN 6 AND count")
    assert not holds("count + 1 IS NOT NULL")
    assert holds("COALESCE(count, 7) = 7")
    assert holds("LEAST(count, amount, 9) = 5")
    assert not holds("amount = NULL")


def test_numbers_are_as_stated() -> None:
    assert holds("7 / 2 = 3.5")
    assert holds("amount / 0 > 1000000")
    assert holds("(amount - 5) / 0 > 1000000")
    assert holds("(amount - 5) / 0 >= 1000000 AND (amount - 5) / 0 = (amount - 5) / 0")
    assert not holds("(amount - 5) / 0 <= 1000000 OR (amount - 5) / 0 <> (amount - 5) / 0")
    assert holds("count * count * count IS NULL", count=1 << 52)
    assert holds("km * 2 = 5", km=2.5)
    assert holds("0.1 + 0.2 <> 0.3")


def test_thirty_conditions_are_one_function() -> None:
    texts = [f"amount >= {i} AND count IS NOT NULL" for i in range(30)]
    fire = compile_conditions([read_condition(text, FACTS) for text in texts], FACTS)
    assert fire((3, 1, None, None, None)) == 0b1111
    assert fire((3, None, None, None, None)) == 0
