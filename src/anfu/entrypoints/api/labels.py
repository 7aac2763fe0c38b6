"""Labels: what payments turned out to be, told later, even months later."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import Id, Moment, Name, Request
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.payments import check_history, check_moment
from anfu.kernel.errors import Refused
from anfu.payments.label import LabelOrder, Word, label
from anfu.risk.label import Truth
from anfu.storage.idempotency import Answer


class LabelForm(Request, frozen=True):
    """What a `payment` turned out to be; or, where another switch pays, the event of a `decision`.
    `source` says who says so (a dispute, a case). `at`: in a history, when it was said."""

    label: Literal["FRAUD", "HONEST"]
    payment: Id | None = None
    decision: Id | None = None
    source: Name = "api"
    at: Moment | None = None


class LabelBatchForm(Request, frozen=True):
    """Labels to be told in turn, all of them or none, under one idempotency key."""

    labels: Annotated[tuple[LabelForm, ...], Meta(min_length=1, max_length=128)]


class LabelDocument(Struct, frozen=True):
    """A label. `payment` is the event that `decision` was made on."""

    object: Literal["label"]
    payment: str
    decision: str
    label: Literal["FRAUD", "HONEST"]
    source: str
    created_at: datetime


class LabelList(Struct, frozen=True):
    """Labels in the order of what was told."""

    object: Literal["list"]
    data: list[LabelDocument]


async def create(call: Call) -> Answer:
    """Tell what one was."""
    return await _put(call, (call.body,), many=False)


async def create_batch(call: Call) -> Answer:
    """Tell what many were."""
    form: LabelBatchForm = call.body
    return await _put(call, form.labels, many=True)


async def _put(call: Call, forms: tuple[LabelForm, ...], *, many: bool) -> Answer:
    words = tuple(_word(call, form, f"labels[{n}]." * many) for n, form in enumerate(forms))
    order = LabelOrder(call.once, call.merchant, words, many)
    return await label(call.desk.tools, order, now=call.now)


def _word(call: Call, form: LabelForm, where: str) -> Word:
    if (form.payment is None) is (form.decision is None):
        reason = "either a payment or a decision"
        raise Refused("field_invalid", field=f"{where}payment", reason=reason)
    check_moment(form.at, f"{where}at")
    check_history(call, form.at, f"{where}at")
    return Word(Truth(form.label), form.source, form.payment, form.decision, form.at)


_WRONG = ("payment_not_found", "decision_not_found", "label_too_early", "history_not_accepted",
          "field_invalid", "scope_missing")  # fmt: skip
_EXAMPLE = {"decision": "dec_01kaw000000000000000000000", "label": "FRAUD", "source": "dispute"}

OPERATIONS = (
    Operation("create_label", "POST", "/v1/labels", "Tell what a payment turned out to be.",
              create, scope="labels:write", body=LabelForm, answer=LabelDocument, status=201,
              once=True, refusals=_WRONG, example=_EXAMPLE),
    Operation("create_labels", "POST", "/v1/labels/batch", "Tell what up to 128 payments turned out"
              " to be.", create_batch, scope="labels:write", body=LabelBatchForm, answer=LabelList,
              status=201, once=True, refusals=_WRONG, example={"labels": [_EXAMPLE]}),
)  # fmt: skip
