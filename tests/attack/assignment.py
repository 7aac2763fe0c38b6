"""Mass assignment: fields nobody declared, put into every request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.attack.caller import code_of
from tests.attack.makers import make_all
from tests.attack.place import Place
from tests.attack.tally import Tally

# What an attacker would like to set: fields of answers, of tables, of the language underneath.
EXTRA: dict[str, Any] = {
    "object": "payment", "state": "SUCCEEDED", "status": "ACTIVE", "merchant_id": "mer_1",
    "opened_by": "mer_1", "amount_refunded": 0, "refunded": 0, "scopes": ["payments:write"],
    "role": "admin", "is_admin": True, "created_at": "2020-01-01T00:00:00Z", "risk_score": 0,
    "approved_by": "key_1", "proven": ["totp"], "attempts_left": 5, "limit": 10**9, "bound": True,
    "usable_from": "2020-01-01T00:00:00Z", "__class__": "x", "__proto__": {"admin": True},
    "constructor": {"prototype": {"admin": True}}, "$set": {"state": "x"},
}  # fmt: skip

_REFUSED = ("field_invalid", "declaration_unreadable")


async def attack(place: Place) -> list[Tally]:
    """Every operation with a body, every such field that it does not declare."""
    names = await make_all(place)
    tally = Tally("mass assignment", "a field nobody declared is refused")
    asked = [one for one in place.asked if one.body is not None]
    for one in asked:
        before = await place.digest()
        for field, value in EXTRA.items():
            if field in one.fields:
                continue
            body = dict(one.body or {})
            answer = await place.office.ask(one.method, one.target(names), {field: value, **body})
            named = code_of(answer) == "field_invalid" and field in answer.text
            tally.judge(f"{one.name}, {field}: {answer.text[:90]}", named)
            for where, within in _within(body, field, value):
                answer = await place.office.ask(one.method, one.target(names), within)
                refused = code_of(answer) in _REFUSED
                tally.judge(f"{one.name}, {where}.{field}: {answer.text[:90]}", refused)
        tally.judge(f"{one.name} changed the database", await place.digest() == before)
    tally.figures = {"operations": len(asked), "fields": len(EXTRA)}
    return [tally]


def _within(body: dict[str, Any], field: str, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The body with the field in each object within it."""
    for name, inner in body.items():
        if isinstance(inner, dict) and inner and field not in inner:
            yield name, {**body, name: {field: value, **inner}}
