"""Limits of the law as they stand for one customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import TitleDocument
from anfu.limits.counter import resets_at
from anfu.limits.left import Left
from anfu.payments.document import rfc3339


class LegalLimitDocument(Struct, frozen=True):
    """A limit of the law as it stands for a customer: `most` and `left` in minor units, `used` None
    where it bounds each payment alone. Of rules for the same window the factors and the code of a
    payment say which one bounds it: `factors_min` to `factors_max` of them, `strong` with a
    certificate or signature. `pocket` as of what is used; `resets_at`: when it begins anew."""

    rule: str
    law: str
    article: str
    quote: str
    title: TitleDocument
    metric: str
    window: str
    currency: str
    pocket: Literal["balance", "banks"] | None
    factors_min: int
    factors_max: int | None
    strong: bool | None
    most: int
    used: int | None
    left: int
    resets_at: datetime | None


def legal_limit(left: Left, *, now: datetime) -> dict[str, Any]:
    """A limit as JSON values."""
    rule, law = left.rule, left.rule.law
    reset = resets_at(rule.window, now)
    return {
        "rule": rule.id,
        "law": "" if law is None else law.number,
        "article": "" if law is None else law.article,
        "quote": "" if law is None else law.quote,
        "title": {"en": rule.title_en, "zh": rule.title_zh},
        "metric": rule.metric,
        "window": rule.window,
        "currency": rule.currency,
        "pocket": left.pocket,
        "factors_min": rule.scope.factors_min,
        "factors_max": rule.scope.factors_max,
        "strong": rule.scope.strong,
        "most": rule.most,
        "used": left.used,
        "left": left.amount,
        "resets_at": None if reset is None else rfc3339(reset),
    }
