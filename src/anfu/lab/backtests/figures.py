"""The figures of a back-test, as they are stored, printed and attached to a proposal."""

from __future__ import annotations

from msgspec import Struct

from anfu.lab.backtests.interval import Share


class Sum(Struct, frozen=True):
    """Payments by number and by value in minor units, whatever their currency."""

    count: int = 0
    value: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.count + other.count, self.value + other.value)


class Ended(Struct, frozen=True):
    """How payments ended; one may be in several: disputed, refunded in whole or part (its value is
    what was given back), blocked by risk, challenged by risk, reviewed, succeeded."""

    all: Sum = Sum()
    disputed: Sum = Sum()
    refunded: Sum = Sum()
    blocked: Sum = Sum()
    challenged: Sum = Sum()
    reviewed: Sum = Sum()
    succeeded: Sum = Sum()


class Judged(Struct, frozen=True):
    """Of payments old enough to be judged: `caught` frauds that were acted on, `missed` ones that
    were not, `alarms` honest ones acted on. Precision, recall and false alarm rate by number, with
    95 % intervals; `recall_value` by value."""

    caught: Sum
    missed: Sum
    alarms: Sum
    honest: Sum
    precision: Share
    recall: Share
    false_alarm_rate: Share
    recall_value: float | None


class Change(Struct, frozen=True):
    """What would have gone another way: `fraud_stopped` and `honest_stopped` are of payments that
    had passed, `fraud_freed` and `honest_freed` of those that risk had not let pass."""

    fraud_stopped: Sum
    honest_stopped: Sum
    fraud_freed: Sum
    honest_freed: Sum


class Day(Struct, frozen=True):
    """One civil day in Asia/Shanghai."""

    day: str
    all: Sum
    acted: Sum
    disputed: Sum
    caught: Sum
    alarms: Sum


class RuleFigures(Struct, frozen=True):
    """One tested rule by itself."""

    rule: str
    reason: str
    typology: str | None
    held: Sum
    caught: Sum
    alarms: Sum
    precision: Share


class Overlap(Struct, frozen=True):
    """One rule in force beside what is tested: payments both act on, and each alone, with the
    frauds among them; `shared` is both of either."""

    rule: str
    both: Sum
    tested_only: Sum
    live_only: Sum
    fraud_both: int
    fraud_tested_only: int
    fraud_live_only: int
    shared: float | None


class Turn(Struct, frozen=True):
    """Payments that were decided `then` and would be `now`."""

    then: str
    now: str
    sum: Sum
    fraud: int


class Alarm(Struct, frozen=True):
    """An honest payment that would have been acted on."""

    event: str
    at: str
    payer: str
    payee: str
    amount: int
    outcome: str
    state: str | None
    rules: list[str]


class Span(Struct, frozen=True):
    """What was looked at. `open`: payments nobody can judge yet, or that never went through;
    `unknown`: facts the rules read that this history does not have, NULL in all of it."""

    start: str
    end: str
    cutoff: str
    label_delay_days: float
    days: int
    open: Sum
    unknown: list[str]


class Figures(Struct, frozen=True):
    """All of it. `whole`: a rule set was tested, and acting is any outcome but ALLOW; else rules,
    and acting is that one holds."""

    span: Span
    whole: bool
    tested: str
    live: str
    everything: Ended
    acted: Ended
    alert_rate: Share
    alert_rate_value: float | None
    judged: Judged
    change: Change
    rules: list[RuleFigures]
    typologies: list[RuleFigures]
    overlap: list[Overlap]
    turns: list[Turn]
    days: list[Day]
    worst: list[Alarm]
