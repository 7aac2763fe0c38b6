"""Behaviour: what payers do besides paying, told one by one or in batches.

Closed to merchants: the word of one would change what is known of other people's payers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import Amount, Currency, Id, Request
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.told import WRONG, Own, ToldForm, event_of
from anfu.kernel.errors import Refused
from anfu.payments.observe import Observation, observe
from anfu.risk.event import Event, Kind
from anfu.storage.idempotency import Answer

Behaviours = Literal[
    "REFUND", "LOGIN", "LOGIN_FAILED", "PASSWORD_CHANGE", "PHONE_CHANGE", "DEVICE_BIND",
    "PAYEE_ADD", "PAGE",
]  # fmt: skip
_DAY_MS = 86_400_000


class BehaviourForm(ToldForm, frozen=True, kw_only=True):
    """What a payer did. A REFUND has payee, amount and currency; a PAGE the time spent on it; a
    PAYEE_ADD its payee; a DEVICE_BIND the device; a PHONE_CHANGE the new phone."""

    kind: Behaviours
    payee: Id | None = None
    amount: Amount | None = None
    currency: Currency | None = None
    duration_ms: Annotated[int, Meta(ge=0, le=_DAY_MS)] | None = None


class BehaviourBatchForm(Request, frozen=True):
    """What payers did, in its order, all of it or none, under one idempotency key."""

    events: Annotated[tuple[BehaviourForm, ...], Meta(min_length=1, max_length=128)]


class BehaviourDocument(Struct, frozen=True):
    """What was kept, under an id of ours."""

    id: str
    object: Literal["behaviour"]
    event: str
    kind: Kind
    payer: str
    occurred_at: datetime


class BehaviourList(Struct, frozen=True):
    """What was kept, in the order of what was told."""

    object: Literal["list"]
    data: list[BehaviourDocument]


async def create(call: Call) -> Answer:
    """Tell one."""
    return await _observe(call, (call.body,), many=False)


async def create_batch(call: Call) -> Answer:
    """Tell many."""
    form: BehaviourBatchForm = call.body
    return await _observe(call, form.events, many=True)


async def _observe(call: Call, forms: tuple[BehaviourForm, ...], *, many: bool) -> Answer:
    events = tuple(_event(call, form, f"events[{n}]." * many) for n, form in enumerate(forms))
    return await observe(call.desk.tools, Observation(call.once, events, many), now=call.now)


def _event(call: Call, form: BehaviourForm, where: str) -> Event:
    _check_kind(form, where)
    number = form.amount or form.duration_ms or 0
    own = Own(Kind(form.kind), form.payee or "", number, form.currency or "", "")
    return event_of(call, form, own, where)


def _check_kind(form: BehaviourForm, where: str) -> None:
    """What a kind needs, and what no other kind has. Raises Refused(field_invalid)."""
    needed = _NEEDED.get(form.kind, ())
    given = {
        "payee": form.payee,
        "amount": form.amount,
        "currency": form.currency,
        "duration_ms": form.duration_ms,
        "environment.device": form.environment.device,
        "phone": form.phone,
    }
    for field, value in given.items():
        if value is None and field in needed:
            reason = f"{form.kind} needs it"
            raise Refused("field_invalid", field=where + field, reason=reason)
        if value is not None and field in _OWN and field not in needed:
            reason = f"{form.kind} has none"
            raise Refused("field_invalid", field=where + field, reason=reason)


_NEEDED: Mapping[str, tuple[str, ...]] = {
    "REFUND": ("payee", "amount", "currency"),
    "PAGE": ("duration_ms",),
    "PAYEE_ADD": ("payee",),
    "DEVICE_BIND": ("environment.device",),
    "PHONE_CHANGE": ("phone",),
}
# One number of an event holds both: so neither may come with another kind.
_OWN = frozenset({"amount", "currency", "duration_ms"})
_EXAMPLE = {"event": "login-17", "kind": "LOGIN", "payer": "alice",
            "environment": {"device": "phone-1", "address": "203.0.113.7"}}  # fmt: skip

OPERATIONS = (
    Operation("create_behaviour", "POST", "/v1/events", "Tell what a payer did besides paying.",
              create, scope="behaviour:write", body=BehaviourForm, answer=BehaviourDocument,
              status=201, once=True, institution=True, refusals=WRONG, example=_EXAMPLE),
    Operation("create_behaviours", "POST", "/v1/events/batch", "Tell up to 128 things that payers"
              " did.", create_batch, scope="behaviour:write", body=BehaviourBatchForm,
              answer=BehaviourList, status=201, once=True, institution=True, refusals=WRONG,
              example={"events": [_EXAMPLE]}, most=256 * 1024),
)  # fmt: skip
