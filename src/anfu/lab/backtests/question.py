"""The question as SQL: every payment of the span, which rules hold for it and how it ended.

A rule set's verdict is worked out here as `risk.decision` does, roll-out by payer and all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from anfu.lab.backtests.wish import Wish
from anfu.risk.condition import Condition
from anfu.risk.decision import SCORE_MAX
from anfu.risk.event import EPOCH, MICROSECOND
from anfu.risk.offline import duckdb_sql
from anfu.risk.rules import SEVERITY, Grade, Rule, RuleSet, RuleState

# Rules whose bits fit into one BIGINT.
WORD = 60
_SHANGHAI_US, _DAY_US = 28_800_000_000, 86_400_000_000
# A firm that only asks for decisions tells us no state: what was allowed is taken to have passed.
_PASSED = "(state = 'SUCCEEDED' OR (state IS NULL AND outcome = 'ALLOW'))"


@dataclass(frozen=True, slots=True)
class Question:
    """SQL over the tables `tried` (the history with every fact the rules read) and `labels`."""

    cells: str
    alarms: str


def question_of(
    wish: Wish, tested: Mapping[str, Condition], live: Mapping[str, Condition], *, alarms: int
) -> Question:
    """`cells`: payments counted by all that matters of them, once by day and once by the rules that
    hold. `alarms`: the honest payments of the highest amounts that were acted on."""
    holds = [_holds(rule, tested[rule.id], acting=wish.whole) for rule in wish.tested.rules]
    holds += [_holds(rule, live[rule.id], acting=False) for rule in wish.live.rules]
    named = [f"{sql} AS r{i}" for i, sql in enumerate(holds)]
    base = (
        f'SELECT event, "at", amount, payer, payee, outcome, state, refunded, fraud'
        f"{''.join(', ' + name for name in named)}"
        f" FROM tried LEFT JOIN ({_told(wish)}) AS told USING (event)"
        f' WHERE "at" >= {_us(wish.start)} AND "at" < {_us(wish.end)} AND kind = \'PAYMENT\''
    )
    words = _words(len(holds))
    judged = (
        'SELECT event, "at", amount, payer, payee, outcome, state,'
        f' COALESCE(refunded, 0) AS refunded, ("at" + {_SHANGHAI_US}) // {_DAY_US} AS day,'
        " COALESCE(fraud, FALSE) AS disputed,"
        f" {_truth(wish)} AS truth, {_verdict(wish)} AS verdict, {', '.join(words)}"
        f" FROM ({base}) AS held"
    )
    masks = ", ".join(f"mask_{i}" for i, _ in enumerate(words))
    ended = "verdict, outcome, state, truth, disputed, refunded > 0"
    cells = (
        f"SELECT day, {masks}, verdict, outcome, state, truth, disputed, refunded > 0,"
        " CAST(COUNT(*) AS BIGINT), CAST(SUM(amount) AS BIGINT), CAST(SUM(refunded) AS BIGINT)"
        f" FROM ({judged}) AS judged"
        f" GROUP BY GROUPING SETS ((day, {ended}), ({masks}, {ended}))"
    )
    worst = (
        f'SELECT event, "at", payer, payee, amount, outcome, state, {masks}'
        f" FROM ({judged}) AS judged WHERE truth = 'HONEST' AND verdict > 0"
        f" ORDER BY amount DESC, event LIMIT {alarms}"
    )
    return Question(cells, worst)


def _holds(rule: Rule, condition: Condition, *, acting: bool) -> str:
    """Whether the rule holds; `acting`: and acts, for the share of payers it is rolled out to."""
    test = f"COALESCE({duckdb_sql(condition)}, FALSE)"
    if not acting or rule.rollout == 100 or rule.state is RuleState.SHADOW:
        return test
    # As `risk.decision.bucket`: 64 bits modulo 100, half by half, since 2^32 is 96 modulo 100.
    digest = f"SHA256('{rule.id}' || CHR(0) || payer)"
    bucket = f"(CAST(('0x' || LEFT({digest}, 8)) AS BIGINT) % 100 * 96"
    bucket += f" + CAST(('0x' || SUBSTR({digest}, 9, 8)) AS BIGINT)) % 100"
    return f"({test} AND {bucket} < {rule.rollout})"


def _verdict(wish: Wish) -> str:
    """How severe: the place of the outcome in `SEVERITY`; for rules apart 1 where one holds."""
    rules = wish.tested.rules
    if not wish.whole:
        any_of = " OR ".join(f"r{i}" for i, _ in enumerate(rules)) or "FALSE"
        return f"CASE WHEN {any_of} THEN 1 ELSE 0 END"
    acting = [(i, rule) for i, rule in enumerate(rules) if rule.state is RuleState.LIVE]
    points = [f"CASE WHEN r{i} THEN {rule.points} ELSE 0 END" for i, rule in acting if rule.points]
    score = f"LEAST({' + '.join(points) or '0'}, {SCORE_MAX})"
    grades, limits = list(Grade), wish.tested.thresholds
    by_score = (
        f"CASE WHEN {score} >= {limits.high} THEN 3 WHEN {score} >= {limits.general} THEN 2"
        f" WHEN {score} >= {limits.middle} THEN 1 ELSE 0 END"
    )
    by_rule = [f"CASE WHEN r{i} THEN {grades.index(rule.grade)} ELSE 0 END" for i, rule in acting]
    outcomes = [SEVERITY[wish.tested.outcomes[grade]] for grade in grades]
    grade = f"GREATEST({', '.join([by_score, *by_rule, '0'])})"
    asked = [
        f"CASE WHEN r{i} THEN {SEVERITY[rule.outcome]} ELSE 0 END"
        for i, rule in acting if rule.outcome is not None
    ]  # fmt: skip
    chosen = f"CASE {grade} {' '.join(f'WHEN {i} THEN {o}' for i, o in enumerate(outcomes))} END"
    return f"GREATEST({', '.join([chosen, *asked, '0'])})"


def _truth(wish: Wish) -> str:
    """What is known of a payment: OPEN while nobody can know, or where it never went through."""
    ripe = _us(wish.cutoff) - int(wish.label_delay.total_seconds()) * 1_000_000
    return (
        f"CASE WHEN \"at\" > {ripe} THEN 'OPEN' WHEN fraud THEN 'FRAUD'"
        f" WHEN fraud IS NOT NULL OR {_PASSED} THEN 'HONEST' ELSE 'OPEN' END"
    )


def _told(wish: Wish) -> str:
    """The last word on each event up to the cut-off; of one moment the worst."""
    last = (
        f'SELECT event, "at", BOOL_OR(fraud) AS fraud FROM labels WHERE "at" <= {_us(wish.cutoff)}'
        ' GROUP BY event, "at"'
    )
    return f'SELECT event, ARG_MAX(fraud, "at") AS fraud FROM ({last}) AS said GROUP BY event'


def _words(count: int) -> list[str]:
    """Bits of the rules that hold, in words of `WORD`."""
    words: list[str] = []
    for first in range(0, max(count, 1), WORD):
        bits = [f"CASE WHEN r{first + i} THEN {1 << i} ELSE 0 END"
                for i in range(min(WORD, count - first))]  # fmt: skip
        words.append(f"CAST({' + '.join(bits) or '0'} AS BIGINT) AS mask_{len(words)}")
    return words


def _us(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def names_of(rule_set: RuleSet, conditions: Mapping[str, Condition]) -> frozenset[str]:
    """The facts the conditions read."""
    return frozenset().union(*(conditions[rule.id].names for rule in rule_set.rules))


def bits_of(words: Sequence[int]) -> int:
    """One whole number of the words of a row."""
    return sum((word or 0) << (WORD * i) for i, word in enumerate(words))
