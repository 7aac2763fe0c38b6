"""Every answer that a journey gets is one its operation declares, field by field; and every one
with personal data of a customer in it has left its row in the access log."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any

import httpx
import msgspec

from anfu.entrypoints.api.application import operations
from anfu.entrypoints.api.documents import ProblemDocument
from anfu.entrypoints.api.openapi import codes_of
from anfu.entrypoints.api.operation import Operation
from anfu.storage.database import Database

# Their answers tell the caller what the caller has just told, of a visit or a payment of its own.
TOLD_BACK = frozenset(
    {"create_customer", "create_onboarding", "create_firm", "create_factor", "create_mandate",
     "create_stop_order", "create_device_session", "send_device_profile", "create_decision",
     "create_decisions"}
)  # fmt: skip
_REF = "#/components/schemas/{name}"


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{\w+}", "[^/]+", path))


_KNOWN = [(o.method, _pattern(o.path), o) for o in operations(development_mode=True)]


async def check_declared(response: httpx.Response) -> None:
    """Raises AssertionError for a status, a problem code or a field that is not declared."""
    request = response.request
    operation = _find(request.method, request.url.path)
    if operation is None or response.status_code == 405:
        return
    body = await response.aread()
    if response.status_code == operation.status:
        if operation.answer is not None:
            _check_fields(body, operation.answer)
        return
    assert response.headers["content-type"] == "application/problem+json", operation.name
    _check_fields(body, ProblemDocument)
    problem = msgspec.json.decode(body, type=ProblemDocument)
    assert problem.status == response.status_code
    assert problem.code in codes_of(operation), f"{operation.name} answers {problem.code}"


def _find(method: str, path: str) -> Operation | None:
    found = (o for m, pattern, o in _KNOWN if m == method and pattern.fullmatch(path))
    return next(found, None)


def _check_fields(body: bytes, kind: Any) -> None:
    declared = msgspec.json.encode(msgspec.json.decode(body, type=kind))
    _check_within(msgspec.json.decode(body), msgspec.json.decode(declared), str(kind))


def _check_within(answer: Any, declared: Any, where: str) -> None:
    if isinstance(answer, dict):
        assert answer.keys() <= declared.keys(), (where, answer.keys() - declared.keys())
        for name, value in answer.items():
            _check_within(value, declared[name], f"{where}.{name}")
    elif isinstance(answer, list):
        for number, value in enumerate(answer):
            _check_within(value, declared[number], f"{where}[{number}]")


class ReadsLogged:
    """Beside every answer with personal data of a customer stands a row of the access log."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._answers: Counter[str] = Counter()

    async def __call__(self, response: httpx.Response) -> None:
        request = response.request
        operation = _find(request.method, request.url.path)
        if operation is None or not is_logged(operation):
            return
        body = await response.aread()
        named = "cus_" in f"{request.url}{body.decode()}"
        if response.status_code != operation.status or not named or not _tells(operation, body):
            return
        self._answers[operation.name] += 1
        answers = self._answers[operation.name]
        async with self._database.transaction(readonly=True) as tx:
            rows = await tx.fetchval(
                "SELECT count(*) FROM parties.access_log WHERE operation = $1", operation.name
            )
        assert rows >= answers, f"{operation.name} left no row"


def is_logged(operation: Operation) -> bool:
    """Whether an answer of it must leave a row: its form has personal fields, and whoever asks is
    not the payer, at his own page, nor told what he said."""
    if operation.scope is None and not operation.session:
        return False
    return operation.name not in TOLD_BACK and has_personal(operation)


def has_personal(operation: Operation) -> bool:
    """Whether the form of its answer has a personal field, however deep."""
    return operation.answer is not None and "'x-personal': True" in str(_schema(operation.answer))


@cache
def _schema(kind: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of a form of answers, and those it refers to."""
    (schema,), forms = msgspec.json.schema_components([kind], ref_template=_REF)
    return schema, forms


def _tells(operation: Operation, body: bytes) -> bool:
    schema, forms = _schema(operation.answer)
    return _personal_within(msgspec.json.decode(body), schema, forms)


def _personal_within(value: Any, schema: dict[str, Any], forms: dict[str, Any]) -> bool:
    """Whether a value has something in a personal field."""
    if value in (None, "", {}, []):
        return False
    if "$ref" in schema:
        return _personal_within(value, forms[schema["$ref"].rsplit("/", 1)[1]], forms)
    if schema.get("x-personal"):
        return True
    if isinstance(value, list):
        return any(_personal_within(one, schema.get("items", {}), forms) for one in value)
    fields = schema.get("properties", {})
    inside = isinstance(value, dict) and any(
        _personal_within(value.get(name), field, forms) for name, field in fields.items()
    )
    return inside or any(_personal_within(value, s, forms) for s in schema.get("anyOf", ()))
