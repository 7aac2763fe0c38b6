"""Imports: a decision table or a scorecard becomes drafts, all of it or nothing."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import Request
from anfu.entrypoints.api.errors import PROBLEMS, fill
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.rule_documents import (
    RemarkDocument,
    RuleDocument,
    RuleId,
    remark_document,
    rule_document,
)
from anfu.entrypoints.api.rules import WRITTEN, book
from anfu.kernel.errors import Refused
from anfu.payments.document import encode
from anfu.risk.queries import get_rule_set
from anfu.risk.rules import RuleSet
from anfu.risk.ruling import queries
from anfu.risk.ruling.check import Remark, Severity, inspect
from anfu.risk.ruling.draft import Writing, draft
from anfu.risk.ruling.life import Known
from anfu.risk.ruling.propose import Rulebook
from anfu.risk.ruling.sheet import CONTENT_MOST, CellError, Form, read_sheet
from anfu.risk.ruling.tables import Imported, read_table
from anfu.storage.idempotency import Answer

_SHOWN_MOST = 200
# Base64 adds a third.
_BODY_MOST = CONTENT_MOST * 4 // 3 + 4_096


class ImportForm(Request, frozen=True):
    """A sheet. Rows without an id are named `name_row`; `content` is base64 of the file."""

    name: RuleId
    form: Form
    content: Annotated[str, Meta(min_length=1, max_length=_BODY_MOST)]


class ImportDocument(Struct, frozen=True):
    """The rules of the sheet as they stand now; those it says nothing new of keep their draft."""

    object: Literal["rule_import"]
    rules: list[RuleDocument]
    remarks: list[RemarkDocument]


async def create(call: Call) -> Answer:
    """Drafts of all rows."""
    form: ImportForm = call.body
    tools = call.desk.tools
    read = book(tools)
    async with tools.database.transaction(readonly=True) as tx:
        in_force = await get_rule_set(tx, (await queries.get_step(tx)).rule_set)
    work = partial(read_import, _content(form), form.form, form.name, in_force, read)
    found, errors = await asyncio.to_thread(work)
    if errors:
        raise Refused("sheet_rows_invalid", field="content", count=len(errors),
                      errors=[error_document(error) for error in errors[:_SHOWN_MOST]])  # fmt: skip
    writing = Writing(call.once, call.person, [one.rule for one in found], either=True)
    return await draft(
        tools.database, writing, catalogue=read.catalogue, lists=read.lists, describe=_described,
        now=call.now,
    )  # fmt: skip


def read_import(
    content: bytes, form: Form, name: str, in_force: RuleSet, read: Rulebook
) -> tuple[list[Imported], list[CellError]]:
    """The rules of a sheet, and what is wrong with its cells, the static checks' errors among it.
    Raises Refused as `read_sheet` does."""
    rows, errors = read_sheet(content, form)
    found, wrong = read_table(rows, name, read.catalogue)
    errors += wrong
    if not errors:
        places = {one.rule.id: one.row for one in found}
        remarks = inspect([one.rule for one in found], in_force, read.catalogue, lists=read.lists)
        errors = [
            CellError(places[r.rule], r.place, r.code, dict(r.details))
            for r in remarks if r.severity is Severity.ERROR
        ]  # fmt: skip
    return found, sorted(errors, key=lambda error: error.row)


def error_document(error: CellError) -> dict[str, Any]:
    """What is wrong with a cell, in both languages."""
    problem = PROBLEMS[error.code]
    words = {**error.details, "field": error.column}
    return {
        "row": error.row,
        "column": error.column,
        "code": error.code,
        "en": fill(problem.title, words),
        "zh": fill(problem.title_zh, words),
        "remedy_en": fill(problem.remedy, words),
        "remedy_zh": fill(problem.remedy_zh, words),
    }


def _content(form: ImportForm) -> bytes:
    try:
        return base64.b64decode(form.content, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("field_invalid", field="content", reason="not base64") from None


def _described(known: Sequence[Known], remarks: Sequence[Remark]) -> bytes:
    return encode(
        {
            "object": "rule_import",
            "rules": [rule_document(one) for one in known],
            "remarks": [remark_document(remark) for remark in remarks],
        }
    )


OPERATIONS = (
    Operation("import_rules", "POST", "/v1/rule_imports", "Import a decision table or a scorecard"
              " from CSV or Excel: each row becomes a draft, or none does.", create,
              scope="rules:write", institution=True, body=ImportForm, answer=ImportDocument,
              status=201, once=True, most=_BODY_MOST,
              refusals=(*WRITTEN, "draft_moved_on", "sheet_rows_invalid", "sheet_too_large",
                        "sheet_unreadable"),
              example={"name": "night", "form": "CSV", "content": base64.b64encode(
                  "hour,amount,grade,points,reason,en,zh\n[0..5],> 500000,MIDDLE,60,NIGHT,"
                  "A large payment at night,夜间大额支付\n".encode()).decode()}),
)  # fmt: skip
