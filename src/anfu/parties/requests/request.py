"""A request (请求): what was asked, and how it was answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from anfu.kernel.ids import is_id

PREFIX = "req"


@dataclass(frozen=True, slots=True)
class Request:
    """`path` has ids of ours alone filled in; `code` is that of the refusal; `duration_us` from
    arrival to the answer; `caller` is the key or session and `person` who stands behind it, None
    for whoever was not let in."""

    id: str
    at: datetime
    method: str
    path: str
    operation: str
    status: int
    code: str | None
    duration_us: int
    caller: str | None
    person: str | None
    address: str
    idempotency_key: str | None


def path_of(template: str, values: Mapping[str, str]) -> str:
    """The path with those of its values that are ids of ours: any other may be a telephone's
    number, or whatever else a caller writes there."""
    path = template
    for name, value in values.items():
        if is_id(value.partition("_")[0], value):
            path = path.replace(f"{{{name}}}", value)
    return path
