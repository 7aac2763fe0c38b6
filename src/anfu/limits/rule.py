"""A limit as data: what it bounds, for whom, since when, and the law that says so."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from anfu.limits.counter import CODES, COUNTED, Metric, Window
from anfu.limits.use import Code, Debit, Use


class Operator(StrEnum):
    """How the sum is held against the maximum. Declared per instrument, never assumed: 不超过
    includes the number in 43号 and excludes it in 银发〔2021〕198号 art. 23."""

    LTE = "<="
    LT = "<"


class Provenance(StrEnum):
    """Where the text was read. A rule from MEMORY alerts and never blocks."""

    SOURCE = "source"
    SECONDARY = "secondary"
    MEMORY = "memory"


class Step(StrEnum):
    """What a customer can do to come under a higher limit."""

    SECOND_FACTOR = "second_factor"
    CERTIFICATE = "certificate"
    HIGHER_CLASS = "higher_class"
    DYNAMIC_CODE = "dynamic_code"
    BANK_VERIFICATION = "bank_verification"
    AGREED_LIMIT = "agreed_limit"


@dataclass(frozen=True, slots=True)
class Law:
    """The words a rule rests on."""

    name: str
    number: str
    article: str
    quote: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Which uses a rule bounds. None in a field: whatever it is."""

    account_classes: frozenset[int] | None
    factors_min: int = 0
    factors_max: int | None = None
    strong: bool | None = None
    codes: frozenset[Code] | None = None
    debit: Debit | None = None
    bank_verified: bool | None = None

    def covers(self, use: Use) -> bool:
        return (
            (self.account_classes is None or use.account_class in self.account_classes)
            and use.factors >= self.factors_min
            and (self.factors_max is None or use.factors <= self.factors_max)
            and (self.strong is None or use.strong is self.strong)
            and (self.codes is None or use.code in self.codes)
            and (self.debit is None or use.debit is self.debit)
            and (self.bank_verified is None or use.bank_verified is self.bank_verified)
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """The sum of `metric` in `window` may be `operator` `maximum` (minor units of `currency`).

    In force on the civil days `effective_from <= day < effective_to`. `liable`: the institution
    bears the whole loss of what is paid under this rule (43号 art. 24(3)). `raisable`: a rating
    may raise it (43号 art. 36). `law` is None for a limit that rests on an agreement alone. A limit
    of one subject may also begin (`starts_at`) and end (`ends_at`, excluded) within a day.
    """

    id: str
    title_en: str
    title_zh: str
    law: Law | None
    metric: Metric
    window: Window
    scope: Scope
    maximum: int
    currency: str
    operator: Operator
    effective_from: date
    effective_to: date | None
    provenance: Provenance
    on_breach: tuple[str, ...] = ()
    raise_by: tuple[Step, ...] = ()
    liable: bool = False
    raisable: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def blocks(self) -> bool:
        return self.provenance is not Provenance.MEMORY

    def in_force(self, day: date) -> bool:
        """Whether the rule holds on a civil day."""
        return self.effective_from <= day and (self.effective_to is None or day < self.effective_to)

    def bounds(self, use: Use, day: date) -> bool:
        """Whether the rule holds for `use` on its civil day `day`."""
        return (
            use.currency == self.currency
            and use.kind in COUNTED[self.metric]
            and (self.metric not in CODES or use.code in CODES[self.metric])
            and self.in_force(day)
            and (self.starts_at is None or self.starts_at <= use.at)
            and (self.ends_at is None or use.at < self.ends_at)
            and self.scope.covers(use)
        )

    @property
    def most(self) -> int:
        """The largest sum that is still allowed."""
        return self.maximum if self.operator is Operator.LTE else self.maximum - 1


def quote_sha256(quote: str) -> str:
    """SHA-256 (hex) of a quote after NFKC and without white space, which copies of a law differ
    in."""
    text = "".join(unicodedata.normalize("NFKC", quote).split())
    return hashlib.sha256(text.encode()).hexdigest()
