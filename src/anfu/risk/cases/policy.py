"""The policy cases are worked by: data, versioned by its content, changed by two people."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from anfu.kernel.canonical import canonical_bytes, digest
from anfu.kernel.currencies import EXPONENTS
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.money import MAX_MINOR
from anfu.risk.cases.calendar import Calendar, after_working

LINKS = ("payer", "device", "card", "payee")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_DAY_S = 86_400
_LEVELS_MOST, _GROUP_MOST = 8, 100
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Level:
    """Whom a case nobody works on is taken to, after how much working time."""

    after_s: int
    to: str


@dataclass(frozen=True, slots=True)
class CasePolicy:
    """`first_response_s`: working time within which somebody answers. `hold_most_s`: how long a
    payment is held at the most, by the wall clock, once somebody works on its case. `two_people`:
    from which amount in minor units a verdict takes two, by currency; one that is not named always
    does. Decisions of one currency that share an input of `group_by` within `group_window_s` come
    into one case of at most `group_most`. `sample_blocked`: percent of blocked payments looked at
    for quality.

    Raises Refused("case_policy_invalid") with the field and what it should be.
    """

    first_response_s: int = 1_800
    hold_most_s: int = 4 * 3_600
    two_people: Mapping[str, int] = field(default_factory=lambda: {"CNY": 1_000_000})
    group_by: tuple[str, ...] = LINKS
    group_window_s: int = 3_600
    group_most: int = 20
    sample_blocked: int = 0
    queue: str = "review"
    escalation: tuple[Level, ...] = (Level(900, "shift-lead"), Level(1_800, "head-of-risk"))
    calendar: Calendar | None = None

    def __post_init__(self) -> None:
        _between("first_response_s", self.first_response_s, 60, _DAY_S)
        _between("hold_most_s", self.hold_most_s, self.first_response_s, 7 * _DAY_S)
        _between("group_window_s", self.group_window_s, 0, 7 * _DAY_S)
        _between("group_most", self.group_most, 1, _GROUP_MOST)
        _between("sample_blocked", self.sample_blocked, 0, 100)
        for currency, amount in self.two_people.items():
            if currency not in EXPONENTS:
                raise _invalid("two_people", f"{currency} is no currency")
            _between("two_people", amount, 0, MAX_MINOR)
        if len(set(self.group_by)) < len(self.group_by) or not set(self.group_by) <= set(LINKS):
            raise _invalid("group_by", f"each once, of {', '.join(LINKS)}")
        _check_levels(self.escalation)
        _check_name("queue", self.queue)

    @property
    def body(self) -> bytes:
        """The canonical form, as it is stored."""
        return canonical_bytes(self.form)

    @property
    def form(self) -> dict[str, Any]:
        """The form as JSON values."""
        calendar = self.calendar
        return {
            "v": _VERSION,
            **asdict(self),
            "two_people": dict(self.two_people),
            "calendar": calendar and {
                "weekdays": sorted(calendar.weekdays),
                "opens": calendar.opens,
                "closes": calendar.closes,
                "holidays": sorted(day.isoformat() for day in calendar.holidays),
                "workdays": sorted(day.isoformat() for day in calendar.workdays),
            },
        }  # fmt: skip

    @property
    def version(self) -> str:
        """Sixteen hexadecimal digits of the hash of the body."""
        return digest(self.form).hex()[:16]

    def takes_two(self, amount: int, currency: str) -> bool:
        """Whether a verdict on so much takes two people."""
        return amount >= self.two_people.get(currency, 0)

    def due_at(self, start: datetime) -> datetime:
        """When the first response to what began at `start` is late."""
        return after_working(self.calendar, start, self.first_response_s)

    def escalates_at(self, start: datetime, level: int) -> datetime | None:
        """When a case that nobody has worked on since `start` leaves `level`; None at the last."""
        if level >= len(self.escalation):
            return None
        return after_working(self.calendar, start, self.escalation[level].after_s)

    def held_until(self, start: datetime, due_at: datetime, wait: timedelta) -> datetime:
        """Until when a payment decided on at `start` is held while nobody works on its case: as
        long as the first response may take, `wait` at the least and `hold_most_s` at the most."""
        return min(max(start + wait, due_at), self.held_most(start))

    def held_most(self, start: datetime) -> datetime:
        """Until when a payment decided on at `start` is held once somebody works on its case."""
        return start + timedelta(seconds=self.hold_most_s)

    def samples(self, decision: str) -> bool:
        """Whether this blocked decision is among those looked at: always the same ones."""
        drawn = int.from_bytes(sha256(decision.encode()).digest()[:8], "big") % 100
        return drawn < self.sample_blocked


def make_policy(values: Mapping[str, Any]) -> CasePolicy:
    """A policy from the JSON values of its form. Raises Refused("case_policy_invalid")."""
    given = {**values}
    given.pop("v", None)
    calendar = given.pop("calendar", None)
    levels = given.pop("escalation", None)
    if levels is not None:
        given["escalation"] = tuple(Level(level["after_s"], level["to"]) for level in levels)
    if "group_by" in given:
        given["group_by"] = tuple(given["group_by"])
    return CasePolicy(**given, calendar=None if calendar is None else _calendar(calendar))


def read_policy(body: bytes) -> CasePolicy:
    """The policy whose `body` this is. Raises BrokenInvariant for a form of another version."""
    document = json.loads(body)
    if document["v"] != _VERSION:
        raise BrokenInvariant(f"a case policy of form {document['v']}, not {_VERSION}")
    return make_policy(document)


def _calendar(values: Mapping[str, Any]) -> Calendar:
    try:
        dates = {name: frozenset(map(date.fromisoformat, values.get(name, ())))
                 for name in ("holidays", "workdays")}  # fmt: skip
    except ValueError:
        raise _invalid("calendar", "dates are written 2026-10-01") from None
    return Calendar(frozenset(values["weekdays"]), values["opens"], values["closes"], **dates)


def _check_levels(levels: tuple[Level, ...]) -> None:
    if len(levels) > _LEVELS_MOST:
        raise _invalid("escalation", f"at most {_LEVELS_MOST} levels")
    for level in levels:
        _between("escalation", level.after_s, 1, 7 * _DAY_S)
        _check_name("escalation", level.to)
    times = [level.after_s for level in levels]
    if times != sorted(set(times)):
        raise _invalid("escalation", "each level later than the one before")


def _check_name(name: str, value: str) -> None:
    if not _NAME.fullmatch(value):
        raise _invalid(name, "a name of a-z, 0-9 and hyphens")


def _between(name: str, value: int, least: int, most: int) -> None:
    if type(value) is not int or not least <= value <= most:
        raise _invalid(name, f"a whole number from {least} to {most}")


def _invalid(field_name: str, reason: str) -> Refused:
    return Refused("case_policy_invalid", field=field_name, reason=reason)


DEFAULT = CasePolicy()
"""In force until two people change it."""
