"""Laws of cases: working time adds up, and what is grouped is tied together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from anfu.risk.cases.calendar import Calendar, after_working
from anfu.risk.cases.grouping import Group, Subject, group, links_of, lock_numbers
from anfu.risk.cases.policy import LINKS
from anfu.risk.decision import Decision, Verdict
from anfu.risk.environment import Environment
from anfu.risk.event import Event
from anfu.risk.rules import Grade, Outcome

AT = datetime(2026, 11, 23, 4, tzinfo=UTC)
days = st.dates(date(2026, 11, 1), date(2026, 12, 31))
calendars = st.builds(
    lambda week, opens, length, off: Calendar(
        frozenset(week), opens, min(1_440, opens + length), holidays=frozenset(off)
    ),
    st.sets(st.integers(1, 7), min_size=1),
    st.integers(0, 1_380),
    st.integers(60, 1_440),
    st.sets(days, max_size=20),
)
moments = st.integers(0, 40 * 86_400).map(lambda s: AT + timedelta(seconds=s))
spans = st.integers(0, 20_000)


@given(st.none() | calendars, moments, spans, spans)
def test_working_time_adds_up(
    calendar: Calendar | None, start: datetime, first: int, second: int
) -> None:
    middle = after_working(calendar, start, first)
    assert middle >= start + timedelta(seconds=first)
    assert after_working(calendar, middle, second) == after_working(
        calendar, start, first + second
    ) or (second == 0)


@given(st.none() | calendars, moments, st.integers(0, 86_400), spans)
def test_who_begins_later_does_not_end_sooner(
    calendar: Calendar | None, start: datetime, later: int, span: int
) -> None:
    after = start + timedelta(seconds=later)
    assert after_working(calendar, start, span) <= after_working(calendar, after, span)


def subject(n: int, payer: int, payee: int, card: int | None, device: int | None) -> Subject:
    event = Event(
        id=f"pay_{n}", payer=f"p{payer}", payee=f"q{payee}", amount=1, currency="CNY",
        method="card", card=None if card is None else f"c{card}", at=AT,
        environment=Environment(None if device is None else f"d{device}"),
    )  # fmt: skip
    verdict = Verdict(Outcome.REVIEW, Grade.HIGH, 700, ("R",))
    return Subject(Decision(f"dec_{n:03}", event, "c", "r", (), b"", verdict), True)


few = st.integers(0, 5)
subjects = st.lists(st.tuples(few, few, st.none() | few, st.none() | few), max_size=30).map(
    lambda rows: [subject(n, *row) for n, row in enumerate(rows)]
)


@given(subjects, st.integers(1, 5))
def test_everything_comes_into_one_group_that_is_tied_together(
    given_: Sequence[Subject], most: int
) -> None:
    ids = (f"cas_{n:03}" for n in count())
    groups = group(given_, [], ids, group_by=LINKS, most=most, now=AT)
    placed = [s.decision.id for g in groups for s in g.subjects]
    assert sorted(placed) == [s.decision.id for s in given_]
    for found in groups:
        assert 1 <= len(found.subjects) <= most
        seen = set(links_of(found.subjects[0].decision.event))
        for later in found.subjects[1:]:
            links = set(links_of(later.decision.event))
            assert links & seen
            seen |= links


@given(subjects)
def test_without_a_cap_nothing_tied_is_left_outside_what_was_there_before_it(
    given_: Sequence[Subject],
) -> None:
    groups = group(given_, [], (f"cas_{n:03}" for n in count()), group_by=LINKS, most=100, now=AT)
    home = {s.decision.id: g.case_id for g in groups for s in g.subjects}
    for n, one in enumerate(given_):
        tied = [o for o in given_[:n] if set(links_of(o.decision.event)) & set(links_of(
            one.decision.event))]  # fmt: skip
        if tied:
            assert home[one.decision.id] in {home[o.decision.id] for o in tied}


def test_the_oldest_group_takes_what_two_would_take() -> None:
    new, old = (
        Group(name, "CNY", AT + timedelta(hours=hours), 9, {("payer", "p1")})
        for name, hours in (("cas_b", 1), ("cas_a", 0))
    )
    [found] = group([subject(0, 1, 1, None, None)], [new, old], iter(()), group_by=LINKS, most=9,
                    now=AT)  # fmt: skip
    assert found.case_id == "cas_a"


def test_another_currency_is_another_case() -> None:
    dollars = Group("cas_a", "USD", AT, 9, {("payer", "p1")})
    [found] = group([subject(0, 1, 1, None, None)], [dollars], iter(["cas_b"]), group_by=LINKS,
                    most=9, now=AT)  # fmt: skip
    assert found.case_id == "cas_b"


@given(st.lists(st.tuples(st.sampled_from(LINKS), st.text(max_size=5))))
def test_links_are_locked_in_one_order_by_everybody(links: list[tuple[str, str]]) -> None:
    numbers = lock_numbers(links)
    assert numbers == lock_numbers(list(reversed(links))) == sorted(set(numbers))
    assert all(-(2**63) <= n < 2**63 for n in numbers)
