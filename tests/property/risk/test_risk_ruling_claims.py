"""Whatever a static check claims of a condition, no facts contradict it; and the claims that a
person would make at a glance are made."""

from __future__ import annotations

import itertools
import random

import pytest
from tests.property.risk.test_risk_condition_duckdb import FACTS, LISTS, Writer, random_rows

from anfu.risk.compiled import compile_conditions
from anfu.risk.condition import read_condition
from anfu.risk.ruling.domain import Domain
from anfu.risk.ruling.states import Part, always, implies, never

ROWS = [row for seed in range(40) for row in random_rows(1_000 + seed)]
# What the rows above can be.
DOMAINS = {fact.name: Domain(null=True) for fact in FACTS}


class Narrow(Writer):
    """Writes conditions with few facts and few numbers, so that they meet each other often."""

    def boolean(self, depth: int) -> str:  # noqa: PLR0911 - one a kind
        choice = self.random.random()
        if choice < 0.12:
            return super().boolean(min(depth, 1))
        if depth and choice < 0.65:
            word = self.random.choice(["AND", "AND", "OR"])
            return f"({self.boolean(depth - 1)} {word} {self.boolean(depth - 1)})"
        if depth and choice < 0.75:
            return f"NOT ({self.boolean(depth - 1)})"
        name = self.random.choice(["i", "x", "s", "p"])
        if name == "p":
            return self.random.choice(["p", "NOT p", "p IS TRUE", "p IS NOT FALSE", "p IS NULL"])
        if choice < 0.8:
            return f"{name} IS {self.random.choice(['', 'NOT '])}NULL"
        numbers = {"i": ["0", "1", "2", "3", "1.5"], "x": ["0", "1.0", "2.5", "3"],
                   "s": ["'a'", "'aab'", "'B'", "''"]}[name]  # fmt: skip
        some = [self.random.choice(numbers) for _ in range(2)]
        if choice < 0.86:
            return f"{name} {self.random.choice(['', 'NOT '])}BETWEEN {some[0]} AND {some[1]}"
        if choice < 0.9:
            null = self.random.choice(["", ", NULL"])
            return f"{name} {self.random.choice(['', 'NOT '])}IN ({', '.join(some)}{null})"
        sign = self.random.choice(["=", "<>", "<", "<=", ">", ">="])
        return f"{name} {sign} {self.random.choice([some[0], some[0], {'s': 'u'}.get(name, 'j')])}"


@pytest.mark.parametrize("seed", range(12))
def test_no_facts_contradict_a_claim(seed: int) -> None:
    writer: Writer = Narrow(seed) if seed % 3 else Writer(seed)
    conditions = [read_condition(writer.boolean(2), FACTS, lists=LISTS) for _ in range(40)]
    parts = [Part(condition, DOMAINS) for condition in conditions]
    fire = compile_conditions(conditions, FACTS)
    fired = [fire(row) for row in ROWS]
    everywhere, somewhere = (1 << len(parts)) - 1, 0
    for bits in fired:
        everywhere &= bits
        somewhere |= bits
    for i, part in enumerate(parts):
        text = conditions[i].text
        assert not (never(part) and somewhere >> i & 1), f"{text} fires"
        assert not (always(part) and not everywhere >> i & 1), f"{text} does not always fire"
    for (i, first), (j, second) in itertools.permutations(enumerate(parts), 2):
        if implies(first, second):
            apart = [k for k, bits in enumerate(fired) if bits >> i & 1 and not bits >> j & 1]
            texts = f"{conditions[i].text} => {conditions[j].text}"
            assert apart == [], f"{texts}: {ROWS[apart[0]]}"


def test_claims_are_made_at_all() -> None:
    """A check that never says anything is sound too."""
    made = {"never": 0, "always": 0, "implies": 0}
    for seed in range(12):
        writer = Narrow(seed)
        parts = [Part(read_condition(writer.boolean(2), FACTS, lists=LISTS), DOMAINS)
                 for _ in range(20)]  # fmt: skip
        made["never"] += sum(map(never, parts))
        made["always"] += sum(map(always, parts))
        made["implies"] += sum(
            implies(*pair) for pair in itertools.permutations(parts, 2) if not never(pair[0])
        )
    assert made["never"] >= 10
    assert made["always"] >= 2
    assert made["implies"] >= 200


@pytest.mark.parametrize("seed", range(3))
def test_what_was_never_true_of_many_rows_is_mostly_claimed(seed: int) -> None:
    """Of conditions over intervals alone, a claim is missed seldom."""
    source = random.Random(seed)
    missed = found = 0
    for _ in range(200):
        sides = [f"i {source.choice(['<', '<=', '>', '>=', '=', '<>'])} {source.randint(0, 4)}"
                 for _ in range(3)]  # fmt: skip
        condition = read_condition(" AND ".join(sides), FACTS)
        fire = compile_conditions([condition], FACTS)
        fires = any(fire((n, *(None,) * (len(FACTS) - 1))) for n in range(-2, 8))
        claimed = never(Part(condition, DOMAINS))
        assert not (claimed and fires)
        found += claimed
        missed += not claimed and not fires
    assert found > 40
    assert missed == 0
