"""Random conditions over random facts, NULL among them, are answered as DuckDB answers them."""

from __future__ import annotations

import random

import duckdb
import pytest

from anfu.risk.compiled import compile_conditions
from anfu.risk.condition import read_condition
from anfu.risk.facts import Fact, Type
from anfu.risk.offline import duckdb_sql

FACTS = [
    Fact("i", Type.INTEGER),
    Fact("j", Type.INTEGER),
    Fact("k", Type.INTEGER),
    Fact("x", Type.DOUBLE),
    Fact("y", Type.DOUBLE),
    Fact("s", Type.TEXT),
    Fact("u", Type.TEXT),
    Fact("p", Type.BOOLEAN),
    Fact("q", Type.BOOLEAN),
    Fact("list_hits", Type.TEXT),
]
LISTS = {"bad": {"s"}, "grey": {"s", "u"}}
HITS = ["", "bad:s", "grey:u", "bad:s,grey:s", "badder:s,xgrey:u", "grey:s,grey:u"]
SQL_TYPES = {
    Type.INTEGER: "BIGINT",
    Type.DOUBLE: "DOUBLE",
    Type.TEXT: "VARCHAR",
    Type.BOOLEAN: "BOOLEAN",
}
VALUES = {
    Type.INTEGER: [0, 1, 2, 3, -1, 7, 500_000, (1 << 53) - 1, -(1 << 53) + 1],
    Type.DOUBLE: [0.0, 1.0, -1.5, 2.5, 0.1, -0.4, 3.0, 1e300, 1e-300, 9007199254740992.0],
    Type.TEXT: ["", "a", "B", "é", "安付", "a'b", "😀", "aXb", "a\nab", "aab", "a%b"],
    Type.BOOLEAN: [True, False],
}
LITERALS = {
    Type.INTEGER: ["0", "1", "2", "3", "-1", "500000", "9007199254740991"],
    Type.DOUBLE: ["0.0", "1.5", "-2.5", "0.1", "800.25"],
    Type.TEXT: ["''", "'a'", "'a''b'", "'安付'", "'Z'"],
    Type.BOOLEAN: ["TRUE", "FALSE"],
}
ROWS = 40


class Writer:
    """Writes random conditions."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def boolean(self, depth: int) -> str:  # noqa: PLR0911 - one a kind
        choice = self.random.random()
        if self.random.random() < 0.12:
            return self.text()
        if depth and choice < 0.35:
            word = self.random.choice(["AND", "OR"])
            return f"({self.boolean(depth - 1)} {word} {self.boolean(depth - 1)})"
        if depth and choice < 0.45:
            return f"NOT ({self.boolean(depth - 1)})"
        if depth and choice < 0.5:
            return f"({self.boolean(depth - 1)}) IS {self.random.choice(['', 'NOT '])}TRUE"
        if choice < 0.55:
            return self.value(Type.BOOLEAN, 0)
        kind = self.random.choice(list(Type))
        if choice < 0.65:
            return f"{self.value(kind, 1)} IS {self.random.choice(['', 'NOT '])}NULL"
        if choice < 0.75:
            items = [self.literal(self.other(kind)) for _ in range(self.random.randint(1, 4))]
            word = self.random.choice(["IN", "NOT IN"])
            return f"{self.value(kind, 1)} {word} ({', '.join(items)})"
        if choice < 0.83:
            word = self.random.choice(["BETWEEN", "NOT BETWEEN"])
            low, high = self.value(self.other(kind), 1), self.value(self.other(kind), 1)
            return f"{self.value(kind, 1)} {word} {low} AND {high}"
        sign = self.random.choice(["=", "<>", "!=", "<", "<=", ">", ">="])
        return f"{self.value(kind, 2)} {sign} {self.value(self.other(kind), 2)}"

    def text(self) -> str:
        """A condition over texts, lists among them."""
        choice, word = self.random.random(), self.random.choice(["", "NOT "])
        if choice < 0.3:
            name = self.random.choice(list(LISTS))
            return f"{self.random.choice(sorted(LISTS[name]))} {word}IN LIST {name}"
        if choice < 0.4:
            return f"i {word}IN (1, 2) AND IN_WINDOW(j, {self.random.choice(['22, 6', '0, 3'])})"
        if choice < 0.6:
            left, right = self.value(Type.TEXT, 1), self.value(Type.TEXT, 0)
            return f"{word}STARTS_WITH({left}, {right})"
        pattern = "".join(
            self.random.choice("ab%%_X付😀") for _ in range(self.random.randint(0, 6))
        )
        return f"{self.value(Type.TEXT, 1)} {word}LIKE '{pattern}'"

    def other(self, kind: Type) -> Type:
        if kind in (Type.INTEGER, Type.DOUBLE):
            return self.random.choice([Type.INTEGER, Type.DOUBLE])
        return kind

    def literal(self, kind: Type) -> str:
        return "NULL" if self.random.random() < 0.12 else self.random.choice(LITERALS[kind])

    def value(self, kind: Type, depth: int) -> str:
        choice = self.random.random()
        if depth and choice < 0.4 and kind in (Type.INTEGER, Type.DOUBLE):
            sign = self.random.choice(
                ["+", "-", "*", "%", "/"] if kind is Type.DOUBLE else ["+", "-", "*", "%"]
            )
            left, right = self.value(kind, depth - 1), self.value(self.other(kind), depth - 1)
            made = f"({left} {sign} {right})"
            return self.random.choice([made, f"-{made}", f"ABS({made})"])
        if depth and choice < 0.6:
            name = self.random.choice(["COALESCE", "LEAST", "GREATEST"])
            parts = [
                self.value(self.other(kind), depth - 1) for _ in range(self.random.randint(2, 3))
            ]
            return f"{name}({', '.join(parts)})"
        if depth and choice < 0.68:
            return self.function(kind, depth - 1)
        if choice < 0.75:
            return self.literal(kind)
        return self.random.choice([fact.name for fact in FACTS if fact.type is kind])

    def function(self, kind: Type, depth: int) -> str:
        choice = self.random.random()
        if choice < 0.3 or kind is Type.TEXT:
            parts = [f"WHEN {self.boolean(0)} THEN {self.value(self.other(kind), depth)}"
                     for _ in range(self.random.randint(1, 3))]  # fmt: skip
            last = self.random.choice(["", f"ELSE {self.value(self.other(kind), depth)} "])
            return f"CASE {' '.join(parts)} {last}END"
        if choice < 0.5:
            return f"NULLIF({self.value(kind, depth)}, {self.value(self.other(kind), depth)})"
        if kind is Type.INTEGER:
            return f"LENGTH({self.value(Type.TEXT, depth)})"
        if kind is Type.DOUBLE:
            name = self.random.choice(["FLOOR", "CEIL", "ROUND"])
            return f"{name}({self.value(Type.DOUBLE, depth)})"
        return self.value(kind, 0)


def random_rows(seed: int) -> list[tuple[object, ...]]:
    source = random.Random(seed)
    return [
        tuple(
            None
            if source.random() < 0.2
            else source.choice(HITS if f.name == "list_hits" else VALUES[f.type])
            for f in FACTS
        )
        for _ in range(ROWS)
    ]


@pytest.mark.parametrize("seed", range(10))
def test_random_conditions_are_answered_as_duckdb_answers_them(seed: int) -> None:
    writer = Writer(seed)
    texts = [writer.boolean(3) for _ in range(60)]
    conditions = [read_condition(text, FACTS, lists=LISTS) for text in texts]
    rows = random_rows(seed)
    fire = compile_conditions(conditions, FACTS)
    mine = [fire(row) for row in rows]
    with duckdb.connect() as connection:
        columns = ", ".join(f'"{f.name}" {SQL_TYPES[f.type]}' for f in FACTS)
        connection.execute(f"CREATE TABLE facts (place INTEGER, {columns})")
        marks = ", ".join("?" for _ in range(len(FACTS) + 1))
        connection.executemany(
            f"INSERT INTO facts VALUES ({marks})", [(i, *row) for i, row in enumerate(rows)]
        )
        for number, condition in enumerate(conditions):
            sql = f"SELECT place FROM facts WHERE {duckdb_sql(condition)} ORDER BY place"
            theirs = [place for (place,) in connection.execute(sql).fetchall()]
            ours = [place for place in range(ROWS) if mine[place] >> number & 1]
            assert ours == theirs, condition.text
